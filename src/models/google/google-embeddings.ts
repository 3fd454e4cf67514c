import { z } from 'zod'

import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import {
  type EmbeddingsOptions,
  dimensionsSchema,
  embeddingsShape,
} from '../embeddings/embedding-params.ts'
import { toEmbeddingsDefinition } from '../model-definition.ts'
import { addressSchema, providerOf, toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import { geminiAddress, geminiBaseURL } from './google-address.ts'

const taskTypes = [
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'RETRIEVAL_DOCUMENT',
  'RETRIEVAL_QUERY',
  'CODE_RETRIEVAL_QUERY',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
] as const

/** Parameters of {@link googleEmbeddings}. */
export interface GoogleEmbeddingsOptions extends EmbeddingsOptions {
  /** The server's address, `https://generativelanguage.googleapis.com` by default; a version at its end holds in the place of `v1beta`. */
  readonly baseURL?: string
  /** What the vectors are for; `gemini-embedding-2` wants it in the text instead. */
  readonly taskType?: (typeof taskTypes)[number]
  /** Numbers of a vector, from 128 to 3072; 3072 by default, which alone are of unit length by themselves. */
  readonly outputDimensionality?: number
}

const params = z.strictObject({
  ...embeddingsShape,
  baseURL: addressSchema(geminiBaseURL),
  taskType: z.enum(taskTypes).optional().describe('What the vectors are for.'),
  outputDimensionality: dimensionsSchema,
})

/** The code of `GoogleEmbeddings`. */
export const googleEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'GoogleEmbeddings',
  factory: 'googleEmbeddings',
  description: "Models of Google's Gemini API.",
  params,
  peer: '@google/genai',
  identity: ({ model, provider, baseURL, taskType, outputDimensionality, normalize }) => ({
    provider: provider ?? providerOf(geminiAddress(baseURL).baseURL),
    model,
    parameters: {
      ...(taskType === undefined ? {} : { taskType }),
      ...(outputDimensionality === undefined ? {} : { outputDimensionality }),
      ...(normalize === true ? { normalize } : {}),
    },
  }),
  keyVariable: 'GEMINI_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, taskType, outputDimensionality } = given
    const { createGoogleEmbedder } = await import('./google-embedder.ts')
    return createGoogleEmbedder({
      type: 'GoogleEmbeddings',
      model,
      ...geminiAddress(given.baseURL),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      taskType,
      outputDimensionality,
      normalizes: given.normalize === true,
    })
  },
})

/**
 * Names a model of Google's Gemini API that turns texts into vectors; it needs the package `@google/genai`.
 *
 * The key is read from the environment variable `GEMINI_API_KEY`, or the one that `apiKeyEnv` names.
 * Google takes 100 texts a call, each of up to 2,048 tokens (8,192 for `gemini-embedding-2`); what is longer is cut off.
 */
export function googleEmbeddings(options: GoogleEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(googleEmbeddingsDefinition, options)
}
