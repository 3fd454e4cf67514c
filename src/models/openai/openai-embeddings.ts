import { z } from 'zod'

import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import {
  type EmbeddingsOptions,
  dimensionsSchema,
  embeddingsShape,
} from '../embeddings/embedding-params.ts'
import { type EmbeddingsDefinition, toEmbeddingsDefinition } from '../model-definition.ts'
import { addressSchema, providerOf, toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

/** Parameters of {@link openAIEmbeddings}. */
export interface OpenAIEmbeddingsOptions extends EmbeddingsOptions {
  /** The address up to and with `/v1`; `https://api.openai.com/v1` by default. */
  readonly baseURL?: string
  /** Numbers of a vector; the model's own by default. Only `text-embedding-3` and later models can be shortened. */
  readonly dimensions?: number
  /** Most texts of one call; 2,048 by default, which is the most that OpenAI takes. */
  readonly textsPerCall?: number
}

/** Where models of one provider are, and how much it takes at once. */
interface EmbeddingsProvider {
  readonly type: string
  readonly factory: string
  readonly description: string
  readonly baseURL: string
  /** The variable of the key unless the parameters name another; `undefined` where none is needed. */
  readonly keyVariable: string | undefined
  readonly mostTexts: number
  readonly mostTokens: number
}

/** The code of `OpenAIEmbeddings`. */
export const openAIEmbeddingsDefinition = defineOpenAIEmbeddings({
  type: 'OpenAIEmbeddings',
  factory: 'openAIEmbeddings',
  description: "OpenAI's models, or any server that speaks its embeddings.",
  baseURL: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  mostTexts: 2048,
  mostTokens: 300_000,
})

/**
 * Names a model of OpenAI that turns texts into vectors, or one of any server that speaks its embeddings under
 * `baseURL`.
 *
 * A call takes up to 2,048 texts of 8,192 tokens each and 300,000 tokens in all; no text may be empty.
 * The key is read from the environment variable `OPENAI_API_KEY`, or the one that `apiKeyEnv` names.
 */
export function openAIEmbeddings(options: OpenAIEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(openAIEmbeddingsDefinition, options)
}

/** The code of `vLLMEmbeddings`. */
export const vLLMEmbeddingsDefinition = defineOpenAIEmbeddings({
  type: 'vLLMEmbeddings',
  factory: 'vLLMEmbeddings',
  description: 'A model that a vLLM server serves for embedding.',
  baseURL: 'http://127.0.0.1:8000/v1',
  keyVariable: undefined,
  mostTexts: 256,
  mostTokens: 1_000_000,
})

/**
 * Names a model that a vLLM server serves for embedding, at `http://127.0.0.1:8000/v1` by default.
 *
 * A call takes up to 256 texts by default, each as long as the model's context. `dimensions` is for models that
 * were trained to be shortened. A key is only sent where `apiKeyEnv` names its variable.
 */
export function vLLMEmbeddings(options: OpenAIEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(vLLMEmbeddingsDefinition, options)
}

/** The code of `TogetherEmbeddings`. */
export const togetherEmbeddingsDefinition = defineOpenAIEmbeddings({
  type: 'TogetherEmbeddings',
  factory: 'togetherEmbeddings',
  description: 'Models at Together AI.',
  baseURL: 'https://api.together.xyz/v1',
  keyVariable: 'TOGETHER_API_KEY',
  mostTexts: 128,
  mostTokens: 300_000,
})

/**
 * Names a model of Together that turns texts into vectors.
 *
 * A call takes up to 128 texts by default, each as long as the model's context, often 512 tokens.
 * The key is read from the environment variable `TOGETHER_API_KEY`, or the one that `apiKeyEnv` names.
 */
export function togetherEmbeddings(options: OpenAIEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(togetherEmbeddingsDefinition, options)
}

function defineOpenAIEmbeddings(provider: EmbeddingsProvider): EmbeddingsDefinition {
  const { type, factory, description, mostTokens } = provider
  return toEmbeddingsDefinition({
    type,
    factory,
    description,
    params: z.strictObject({
      ...embeddingsShape,
      baseURL: addressSchema(provider.baseURL),
      dimensions: dimensionsSchema,
      textsPerCall: z
        .int()
        .min(1)
        .max(65_536)
        .optional()
        .describe(`Most texts of one call; ${provider.mostTexts} by default.`),
    }),
    identity: ({ baseURL = provider.baseURL, dimensions, normalize, ...given }) => ({
      provider: given.provider ?? providerOf(baseURL),
      model: given.model,
      parameters: {
        ...(dimensions === undefined ? {} : { dimensions }),
        ...(normalize === true ? { normalize } : {}),
      },
    }),
    keyVariable: provider.keyVariable,
    async create(given, { environment, key, keyVariable }) {
      const { createOpenAIEmbedder } = await import('./openai-embedder.ts')
      return createOpenAIEmbedder({
        type,
        model: given.model,
        baseURL: given.baseURL ?? provider.baseURL,
        keyVariable,
        key,
        environment,
        timeouts: toMilliseconds(given.timeouts),
        mostTexts: given.textsPerCall ?? provider.mostTexts,
        mostTokens,
        dimensions: given.dimensions,
        normalize: given.normalize ?? false,
      })
    },
  })
}
