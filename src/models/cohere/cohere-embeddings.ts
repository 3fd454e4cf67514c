import { z } from 'zod'

import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import {
  type EmbeddingsOptions,
  dimensionsSchema,
  embeddingsShape,
} from '../embeddings/embedding-params.ts'
import { importPeer } from '../import-peer.ts'
import { toEmbeddingsDefinition } from '../model-definition.ts'
import { addressSchema, providerOf, toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import { cohereURL, toServerURL } from './cohere-address.ts'

/** What vectors of Cohere are for. */
export type CohereInputType = 'search_document' | 'search_query' | 'classification' | 'clustering'

/** Parameters of {@link cohereEmbeddings}. */
export interface CohereEmbeddingsOptions extends EmbeddingsOptions {
  /** The server's address, `https://api.cohere.com` by default; a version at its end may be left out. */
  readonly baseURL?: string
  /** What the vectors are for; `'search_document'` by default. */
  readonly inputType?: CohereInputType
  /** Length of the vectors of `embed-v4.0` and newer models: 256, 512, 1024 or 1536, which is the default. */
  readonly dimensions?: number
  /** Which end of a text that is too long is cut off; `'END'` by default, and with `'NONE'` its row is rejected. */
  readonly truncate?: 'NONE' | 'START' | 'END'
}

const type = 'CohereEmbeddings'

const params = z.strictObject({
  ...embeddingsShape,
  baseURL: addressSchema(cohereURL),
  inputType: z
    .enum(['search_document', 'search_query', 'classification', 'clustering'])
    .optional()
    .describe('What the vectors are for; search_document by default.'),
  dimensions: dimensionsSchema.describe(
    'Length of the vectors of embed-v4.0 and newer: 256, 512, 1024 or 1536.',
  ),
  truncate: z
    .enum(['NONE', 'START', 'END'])
    .optional()
    .describe('Which end of a text that is too long is cut off; END by default.'),
})

/** The code of `CohereEmbeddings`. */
export const cohereEmbeddingsDefinition = toEmbeddingsDefinition({
  type,
  factory: 'cohereEmbeddings',
  description: 'Models of Cohere.',
  params,
  peer: 'cohere-ai',
  identity: ({ model, provider, baseURL, inputType = 'search_document', ...given }) => ({
    provider: provider ?? providerOf(toServerURL(baseURL)),
    model,
    parameters: {
      inputType,
      ...(given.dimensions === undefined ? {} : { dimensions: given.dimensions }),
      ...(given.truncate === undefined ? {} : { truncate: given.truncate }),
      ...(given.normalize === true ? { normalize: true } : {}),
    },
  }),
  keyVariable: 'CO_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, inputType = 'search_document' } = given
    const cohere = await importPeer('cohere-ai', type, () => import('cohere-ai'))
    const { createCohereEmbedder } = await import('./cohere-embedder.ts')
    return createCohereEmbedder({
      type,
      model,
      baseURL: toServerURL(given.baseURL),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      cohere,
      inputType,
      dimensions: given.dimensions,
      truncate: given.truncate,
      normalizes: given.normalize === true,
    })
  },
})

/**
 * Names a model of Cohere that turns texts into vectors, over the optional package `cohere-ai`.
 *
 * The key is read from the environment variable `CO_API_KEY`, or the one that `apiKeyEnv` names, when the model is
 * first used. Cohere takes 96 texts a call; `embed-v4.0` reads 128,000 tokens of a text, older models 512.
 */
export function cohereEmbeddings(options: CohereEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(cohereEmbeddingsDefinition, options)
}
