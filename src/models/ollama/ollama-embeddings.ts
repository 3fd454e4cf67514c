import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import { toEmbeddingsDefinition } from '../model-definition.ts'
import type { ProviderOptions } from '../model-params.ts'
import { toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import type { OllamaModelOptions } from './ollama-options.ts'
import { decidingOptions, ollamaModelOptionsSchema } from './ollama-options.ts'
import type { OllamaServerOptions } from './ollama-params.ts'
import { ollamaProviderOf, ollamaServerShape, toHost } from './ollama-params.ts'

/** Parameters of {@link ollamaEmbeddings}. */
export interface OllamaEmbeddingsOptions
  extends Omit<ProviderOptions, 'generationKwargs'>, OllamaServerOptions {
  /** Ollama's own parameters. */
  readonly options?: OllamaModelOptions
  /** Length of the vectors, for models that can make shorter ones. */
  readonly dimensions?: number
  /** Whether a text that is longer than the model's context is cut off, as it is by default, or refused. */
  readonly truncate?: boolean
}

const params = z.strictObject({
  ...ollamaServerShape,
  options: ollamaModelOptionsSchema.optional().describe("Ollama's own parameters."),
  dimensions: z
    .int()
    .min(1)
    .optional()
    .describe('Length of the vectors, for models that can make shorter ones.'),
  truncate: z
    .boolean()
    .optional()
    .describe("Whether a text that is longer than the model's context is cut off."),
})

/** The code of `OllamaEmbeddings`. */
export const ollamaEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'OllamaEmbeddings',
  factory: 'ollamaEmbeddings',
  description: 'Models of an Ollama.',
  params,
  identity: (given) => ({
    provider: ollamaProviderOf(given),
    model: given.model,
    parameters: {
      ...(given.options === undefined
        ? {}
        : // What the schema let through is JSON, but for members that are absent.
          { options: decidingOptions(given.options as JsonObject) }),
      ...(given.dimensions === undefined ? {} : { dimensions: given.dimensions }),
      ...(given.truncate === undefined ? {} : { truncate: given.truncate }),
    },
  }),
  async create(given, { environment, key, keyVariable }) {
    const { createOllamaEmbedder } = await import('./ollama-embedder.ts')
    return createOllamaEmbedder({
      type: 'OllamaEmbeddings',
      model: given.model,
      host: toHost(given.host),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      options: given.options ?? {},
      keepAlive: given.keepAlive,
      dimensions: given.dimensions,
      truncate: given.truncate,
    })
  },
})

/**
 * Names a model of an Ollama that turns texts into vectors, of length 1.
 *
 * No key is sent unless `apiKeyEnv` names its variable. Ollama bounds the length of one text, by `numCtx` in `options`,
 * but not their number; 128 are sent at once.
 */
export function ollamaEmbeddings(options: OllamaEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(ollamaEmbeddingsDefinition, options)
}
