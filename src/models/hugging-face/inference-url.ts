import type { EndpointPlace } from './endpoint-address.ts'

/**
 * Where a model is asked in Hugging Face's own way, `{ inputs, parameters }`: an endpoint at its root, one of the Hub's
 * models at the provider `hf-inference`, the only one that has this way.
 */
export function inferenceURL(place: EndpointPlace, root: string, wireModel: string): string {
  if (place.kind !== 'router') return `${root}/`
  const [modelId = wireModel] = wireModel.split(':')
  return `${root}/hf-inference/models/${modelId}`
}

/** Where a model is given raw prompts: Text Generation Inference has a path for them. */
export function textGenerationURL(place: EndpointPlace, root: string, wireModel: string): string {
  return place.kind === 'router' ? inferenceURL(place, root, wireModel) : `${root}/generate`
}
