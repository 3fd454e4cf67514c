import { basename } from 'node:path'

import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import { defaultMaxNewTokens } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { type GGUFParams, ggufShape, llamaKwargs } from './llama-cpp-params.ts'

/** Generation parameters of {@link llamaCpp}. */
export interface LlamaCppKwargs extends GenerationKwargs {
  /** Likeliest tokens to draw from; 40 by default, 0 for all. */
  readonly topK?: number
  /** Least probability of a token, as a share of the likeliest's; 0.05 by default. */
  readonly minP?: number
  /** Makes tokens of the answer less likely to come again; 1, which is off, by default. */
  readonly repeatPenalty?: number
}

/** Parameters of {@link llamaCpp}. */
export interface LlamaCppOptions extends GGUFParams {
  /** Answers that are written at once, each with a context of its own; 4 by default. */
  readonly parallel?: number
  /** Seed of draws where `generationKwargs` has none; without one no two draws are alike. */
  readonly seed?: number
  /** A Jinja template in the place of the model's own, or the name of a family of models such as `llama3`. */
  readonly chatTemplate?: string
  /** How answers are held to a form; `'json-schema'`, a grammar, by default. */
  readonly structuredMode?: 'json-schema' | 'instructions'
  readonly generationKwargs?: LlamaCppKwargs
}

const params = z.strictObject({
  ...ggufShape,
  parallel: z.int().min(1).max(256).optional().describe('Answers written at once; 4 by default.'),
  seed: z.int().min(0).optional().describe('Seed of draws; without one no two are alike.'),
  chatTemplate: z
    .string()
    .min(1)
    .optional()
    .describe("In the place of the model's own: a Jinja template, or a family such as llama3."),
  structuredMode: z
    .enum(['json-schema', 'instructions'])
    .optional()
    .describe('How answers are held to a form; by a grammar by default.'),
  generationKwargs: z.strictObject(llamaKwargs.shape).optional(),
})

/** The code of `LlamaCppLLM`. */
export const llamaCppLLM = toLLMDefinition({
  type: 'LlamaCppLLM',
  factory: 'llamaCpp',
  description: "A GGUF file, in the worker's own process.",
  params,
  peer: 'node-llama-cpp',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'regex', 'instructions'],
    reasoning: true,
  },
  identity: (given) => ({
    provider: 'llama.cpp',
    model: given.model ?? given.modelPath,
    parameters: {
      ...withDefaults(given),
      ...(given.chatTemplate === undefined ? {} : { chatTemplate: given.chatTemplate }),
      structuredMode: given.structuredMode ?? 'json-schema',
    },
  }),
  async create(given) {
    const { createLlamaCppChat } = await import('./llama-cpp-chat.ts')
    return await createLlamaCppChat({
      ...given,
      model: given.model ?? basename(given.modelPath, '.gguf'),
      parallel: given.parallel ?? 4,
      parameters: withDefaults(given),
    })
  },
})

/**
 * Names a model in a GGUF file, which runs in the worker's own process through llama.cpp.
 *
 * It needs the package `node-llama-cpp`, no key and no server. The file is loaded once a process; nothing is downloaded
 * or compiled. Most tokens of a prompt with its answer are `contextSize`: a longer prompt is rejected with
 * `context-length`, a longer answer cut off. JSON Schemas and regular expressions become grammars that the answer
 * cannot leave; what a grammar cannot say (several schemas in `allOf`, `not`, looking around) is asked for in words.
 * With `temperature` 0 the likeliest token is taken each time.
 */
export function llamaCpp(options: LlamaCppOptions): LLMSpec {
  return toModelSpec(llamaCppLLM, options)
}

function withDefaults({ seed, generationKwargs }: z.output<typeof params>): JsonObject {
  // What the schema let through is JSON, but for members that are absent.
  return {
    temperature: 1,
    topP: 1,
    topK: 40,
    minP: 0.05,
    maxNewTokens: defaultMaxNewTokens,
    ...(seed === undefined ? {} : { seed }),
    ...generationKwargs,
  }
}
