import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import type { ProviderOptions } from '../model-params.ts'
import {
  defaultMaxNewTokens,
  generationKwargsShape,
  thinkingMaxNewTokens,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import type { OllamaModelOptions } from './ollama-options.ts'
import { decidingOptions, ollamaModelOptionsSchema } from './ollama-options.ts'
import type { OllamaServerOptions } from './ollama-params.ts'
import { ollamaProviderOf, ollamaServerShape, toHost } from './ollama-params.ts'

/** Parameters of generation of {@link ollama}. */
export interface OllamaGenerationKwargs extends GenerationKwargs {
  /** Whether log-probabilities of an answer's tokens are told; Ollama 0.12.11 or later. */
  readonly logprobs?: boolean
  /** How many of the likeliest tokens in each place are told, 20 at most. */
  readonly topLogprobs?: number
}

/** Parameters of {@link ollama}. */
export interface OllamaOptions
  extends ProviderOptions<OllamaGenerationKwargs>, OllamaServerOptions {
  /** Ollama's own parameters; what `generationKwargs` say wins. */
  readonly options?: OllamaModelOptions
  /** What every answer is held to that its task holds to nothing: `'json'`, or a JSON Schema. */
  readonly format?: 'json' | JsonObject
  /**
   * Whether a model that can think does, or how much; models that cannot refuse any but `false`. What it thinks is
   * the answer's `reasoning`, counts as output, and makes `maxNewTokens` 8,192 by default.
   */
  readonly think?: boolean | 'low' | 'medium' | 'high'
  /** How an answer is held to a JSON Schema; by default Ollama's own way. */
  readonly structuredMode?: 'json-schema' | 'instructions'
}

const params = z.strictObject({
  ...ollamaServerShape,
  options: ollamaModelOptionsSchema.optional().describe("Ollama's own parameters."),
  format: z
    .union([z.literal('json'), z.record(z.string(), z.json())])
    .optional()
    .describe(
      "What answers are held to that their task holds to nothing: 'json' or a JSON Schema.",
    ),
  think: z
    .union([z.boolean(), z.enum(['low', 'medium', 'high'])])
    .optional()
    .describe('Whether a model that can think does, or how much.'),
  structuredMode: z
    .enum(['json-schema', 'instructions'])
    .optional()
    .describe("How answers are held to a JSON Schema; Ollama's own way by default."),
  generationKwargs: z
    .strictObject({
      ...generationKwargsShape,
      logprobs: z.boolean().optional().describe('Tells log-probabilities of tokens.'),
      topLogprobs: z
        .int()
        .min(0)
        .max(20)
        .optional()
        .describe('How many of the likeliest tokens to tell at each place.'),
    })
    .optional(),
})

/** The code of `OllamaLLM`. */
export const ollamaLLM = toLLMDefinition({
  type: 'OllamaLLM',
  factory: 'ollama',
  description: 'Models of an Ollama, over its own API.',
  params,
  capabilities: {
    completions: true,
    structured: ['json-schema', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  identity: (given) => ({
    provider: ollamaProviderOf(given),
    model: given.model,
    parameters: {
      ...parametersOf(given),
      ...(given.options === undefined
        ? {}
        : // What the schema let through is JSON, but for members that are absent.
          { options: decidingOptions(given.options as JsonObject) }),
      ...modesOf(given),
    },
  }),
  async create(given, { environment, key, keyVariable }) {
    const { createOllamaChat } = await import('./ollama-chat.ts')
    return createOllamaChat({
      type: 'OllamaLLM',
      model: given.model,
      host: toHost(given.host),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      parameters: parametersOf(given),
      options: given.options ?? {},
      keepAlive: given.keepAlive,
      modes: modesOf(given),
    })
  },
})

/**
 * Names a model of an Ollama, over Ollama's own API.
 *
 * No key is sent unless `apiKeyEnv` names its variable, as `https://ollama.com` wants one. A model that has not been
 * pulled stops the run. It gives one answer a call; `numCtx` in `options` bounds prompt and answer together. An answer
 * is held to a JSON Schema by Ollama itself, to a regular expression in words.
 */
export function ollama(options: OllamaOptions): LLMSpec {
  return toModelSpec(ollamaLLM, options)
}

type Given = z.output<typeof params>

function parametersOf({ generationKwargs, options, think }: Given): JsonObject {
  const usual = think === undefined || think === false ? defaultMaxNewTokens : thinkingMaxNewTokens
  return { maxNewTokens: options?.numPredict ?? usual, ...generationKwargs }
}

function modesOf({ format, think, structuredMode }: Given): JsonObject {
  return {
    ...(format === undefined ? {} : { format }),
    ...(think === undefined ? {} : { think }),
    ...(structuredMode === undefined ? {} : { structuredMode }),
  }
}
