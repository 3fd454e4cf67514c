import { z } from 'zod'

import { providerOf, providerShape, withoutVersion } from '../model-params.ts'
import type { ProviderOptions } from '../model-params.ts'
import type { EndpointPlace } from './endpoint-address.ts'

/** Where a model of Hugging Face runs: one of `modelId`, `endpointName` and `baseURL` says it. */
export interface InferenceEndpointOptions extends Omit<
  ProviderOptions,
  'model' | 'generationKwargs'
> {
  /**
   * A model of the Hub, `owner/name`, which the inference providers serve; beside `baseURL` the name of the model there.
   * Which provider may follow, as `owner/name:together`, or how one is chosen: `:fastest`, `:cheapest`.
   */
  readonly modelId?: string
  /** The name of an endpoint of one's own; while it is paused it is told to start, and waited for. */
  readonly endpointName?: string
  /** The user or organisation whose endpoint it is. */
  readonly endpointNamespace?: string
  /** The address of an endpoint of one's own, or of any Text Generation Inference; a `/v1` may end it. */
  readonly baseURL?: string
  /** What the model is called in datasets; by default its id, or its endpoint's name. */
  readonly modelDisplayName?: string
  /** Where endpoints are managed; `https://api.endpoints.huggingface.cloud/v2` by default. */
  readonly endpointsURL?: string
}

const { model: _, ...shared } = providerShape

/** JSON Schema of {@link InferenceEndpointOptions}. */
export const inferenceEndpointShape = {
  ...shared,
  modelId: z.string().min(1).optional().describe('A model of the Hub, owner/name.'),
  endpointName: z.string().min(1).optional().describe("The name of an endpoint of one's own."),
  endpointNamespace: z
    .string()
    .min(1)
    .optional()
    .describe('The user or organisation whose endpoint it is.'),
  baseURL: shared.baseURL.describe("The address of an endpoint of one's own."),
  modelDisplayName: z.string().min(1).optional().describe('What the model is called in datasets.'),
  endpointsURL: shared.baseURL.describe('Where endpoints are managed.'),
}

/** What of the parameters says where a model runs. */
export type GivenPlace = z.output<z.ZodObject<typeof inferenceEndpointShape>>

/** Sees to it that exactly one place is named. */
export function withOnePlace<Params extends z.ZodType<GivenPlace>>(params: Params): Params {
  return params
    .refine(({ endpointName, endpointNamespace }) => !endpointName || endpointNamespace, {
      path: ['endpointNamespace'],
    })
    .refine(({ endpointName, modelId, baseURL }) => !endpointName || !(modelId || baseURL), {
      path: ['endpointName'],
      error: 'it says where the model runs, so leave out modelId and baseURL',
    })
    .refine(({ endpointName, modelId, baseURL }) => endpointName || modelId || baseURL, {
      path: ['modelId'],
    })
}

const routerURL = 'https://router.huggingface.co'
const managementURL = 'https://api.endpoints.huggingface.cloud/v2'
/** The variable of the key, unless the parameters name another. */
export const endpointKeyVariable = 'HF_TOKEN'

/** Where the parameters say that a model runs. */
export function placeOf(given: GivenPlace): EndpointPlace {
  const { modelId, endpointName = '', endpointNamespace = '', baseURL } = given
  if (baseURL !== undefined) return { kind: 'address', root: rootOf(baseURL) }
  if (modelId !== undefined) return { kind: 'router', root: routerURL }
  const path = [endpointNamespace, endpointName].map(encodeURIComponent).join('/')
  return {
    kind: 'endpoint',
    name: `${endpointNamespace}/${endpointName}`,
    url: `${(given.endpointsURL ?? managementURL).replace(/\/+$/, '')}/endpoint/${path}`,
  }
}

/** An address without the `/v1` under which it has OpenAI's API. */
function rootOf(baseURL: string): string {
  return withoutVersion(providerOf(baseURL))
}

/** What the model is called. */
export function endpointModelOf(given: GivenPlace): string {
  const { modelDisplayName, modelId, endpointNamespace, endpointName, baseURL = '' } = given
  if (modelDisplayName !== undefined) return modelDisplayName
  if (modelId !== undefined) return modelId
  if (endpointName !== undefined) return `${endpointNamespace}/${endpointName}`
  return new URL(baseURL).host
}

/** The model's name on the wire; servers of a single model heed none. */
export function wireModelOf({ modelId }: GivenPlace): string {
  return modelId ?? 'tgi'
}

/** The provider's name in signatures and limit groups. */
export function endpointProviderOf(given: GivenPlace): string {
  if (given.provider !== undefined) return given.provider
  const place = placeOf(given)
  return place.kind === 'endpoint' ? place.url : place.root
}
