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

import { mistralServerURL, toServerURL } from './mistral-connection.ts'

/** Parameters of {@link mistralEmbeddings}. */
export interface MistralEmbeddingsOptions extends EmbeddingsOptions {
  /** The server's address, `https://api.mistral.ai` by default; a `/v1` at its end may be left out. */
  readonly baseURL?: string
  /** Numbers of a vector, up to 3072 of `codestral-embed`; others have 1024 and refuse it. */
  readonly outputDimension?: number
}

const params = z.strictObject({
  ...embeddingsShape,
  baseURL: addressSchema(mistralServerURL),
  outputDimension: dimensionsSchema,
})

/** The code of `MistralEmbeddings`. */
export const mistralEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'MistralEmbeddings',
  factory: 'mistralEmbeddings',
  description: 'Models of Mistral AI.',
  params,
  identity: ({ model, provider, baseURL, outputDimension, normalize }) => ({
    provider: provider ?? providerOf(toServerURL(baseURL)),
    model,
    parameters: {
      ...(outputDimension === undefined ? {} : { outputDimension }),
      ...(normalize === true ? { normalize } : {}),
    },
  }),
  keyVariable: 'MISTRAL_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, outputDimension } = given
    const { createMistralEmbedder } = await import('./mistral-embedder.ts')
    return createMistralEmbedder({
      type: 'MistralEmbeddings',
      model,
      serverURL: toServerURL(given.baseURL),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      outputDimension,
      normalizes: given.normalize === true,
    })
  },
})

/**
 * Names a model of Mistral AI that turns texts into vectors, such as `mistral-embed`.
 *
 * The key is read from the environment variable `MISTRAL_API_KEY`, or the one that `apiKeyEnv` names.
 * A call takes up to 512 texts of 8,192 tokens each, and 16,384 tokens in all; no text may be empty.
 */
export function mistralEmbeddings(options: MistralEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(mistralEmbeddingsDefinition, options)
}
