import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { ImageModelSpec } from '../../core/llm-spec.ts'

import { toImageModelDefinition } from '../model-definition.ts'
import { toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import type { InferenceEndpointOptions } from './endpoint-params.ts'
import {
  endpointKeyVariable,
  endpointModelOf,
  endpointProviderOf,
  inferenceEndpointShape,
  placeOf,
  wireModelOf,
  withOnePlace,
} from './endpoint-params.ts'

/** Parameters of {@link inferenceEndpointsImageGeneration}; those that are left out are the model's to choose. */
export interface InferenceEndpointsImageGenerationOptions extends InferenceEndpointOptions {
  /** What must not be in the image. */
  readonly negativePrompt?: string
  /** Pixels. */
  readonly height?: number
  /** Pixels. */
  readonly width?: number
  /** How often noise is taken away: more takes longer, and mostly looks better. */
  readonly numInferenceSteps?: number
  /** How closely the prompt is followed. */
  readonly guidanceScale?: number
  /** Makes draws repeatable; each of several images has its own. */
  readonly seed?: number
}

const params = withOnePlace(
  z.strictObject({
    ...inferenceEndpointShape,
    negativePrompt: z.string().optional().describe('What must not be in the image.'),
    height: z.int().min(1).optional().describe('Pixels.'),
    width: z.int().min(1).optional().describe('Pixels.'),
    numInferenceSteps: z.int().min(1).optional().describe('How often noise is taken away.'),
    guidanceScale: z.number().optional().describe('How closely the prompt is followed.'),
    seed: z.int().optional().describe('Makes draws repeatable.'),
  }),
)

/** The code of `InferenceEndpointsImageGeneration`. */
export const inferenceEndpointsImageGenerationDefinition = toImageModelDefinition({
  type: 'InferenceEndpointsImageGeneration',
  factory: 'inferenceEndpointsImageGeneration',
  description: "Models of Hugging Face: of its inference provider, or an endpoint of one's own.",
  params,
  identity: (given) => ({
    provider: endpointProviderOf(given),
    model: endpointModelOf(given),
    parameters: {
      ...(given.modelDisplayName === undefined ? {} : { modelId: wireModelOf(given) }),
      ...settingsOf(given),
    },
  }),
  keyVariable: endpointKeyVariable,
  async create(given, { environment, key, keyVariable }) {
    const { createInferenceEndpointsImages } = await import('./inference-endpoints-images.ts')
    return createInferenceEndpointsImages({
      type: 'InferenceEndpointsImageGeneration',
      model: endpointModelOf(given),
      wireModel: wireModelOf(given),
      place: placeOf(given),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      settings: settingsOf(given),
    })
  },
})

/**
 * Names a model of Hugging Face that makes images: one of the Hub that the provider `hf-inference` serves, or an
 * endpoint of one's own.
 *
 * The key is read from the environment variable `HF_TOKEN`, or the one that `apiKeyEnv` names. Nothing is told of
 * tokens, so that nothing is known of the price.
 */
export function inferenceEndpointsImageGeneration(
  options: InferenceEndpointsImageGenerationOptions,
): ImageModelSpec {
  return toModelSpec(inferenceEndpointsImageGenerationDefinition, options)
}

/** What decides how images look. */
function settingsOf(given: z.output<typeof params>): JsonObject {
  const { negativePrompt, height, width, numInferenceSteps, guidanceScale, seed } = given
  const settings = { negativePrompt, height, width, numInferenceSteps, guidanceScale, seed }
  // Members that are absent are taken out.
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as JsonObject
}
