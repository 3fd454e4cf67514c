import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import {
  type CompletionsOptions,
  type LogprobKwargs,
  type SamplingKwargs,
  type ServerGenerationKwargs,
  samplingKwargsShape,
} from './openai-params.ts'

/** Parameters of generation of {@link llamaCppServer}. */
export interface LlamaCppServerGenerationKwargs
  extends ServerGenerationKwargs, LogprobKwargs, SamplingKwargs {
  readonly typicalP?: number
  /** How many tokens back `repetitionPenalty` looks; -1 for all. */
  readonly repeatLastN?: number
  /** Has the temperature follow the text, as Mirostat 1 or 2. */
  readonly mirostat?: 0 | 1 | 2
  readonly mirostatTau?: number
  readonly mirostatEta?: number
  /** A grammar in GBNF that answers keep to; it cannot go with a JSON Schema. */
  readonly grammar?: string
  /** Whether the server keeps the beginning of a prompt for the next; `true` by default. */
  readonly cachePrompt?: boolean
  /** What the chat template is given, such as `{ enable_thinking: false }`. */
  readonly chatTemplateKwargs?: JsonObject
}

/** Parameters of {@link llamaCppServer}. */
export interface LlamaCppServerOptions extends CompletionsOptions<LlamaCppServerGenerationKwargs> {
  /** `http://127.0.0.1:8080/v1` by default. */
  readonly baseURL?: string
}

/** The code of `LlamaCppServerLLM`. */
export const llamaCppServerLLM = defineOpenAILLM({
  type: 'LlamaCppServerLLM',
  factory: 'llamaCppServer',
  description: "The model of llama.cpp's own server.",
  baseURL: 'http://127.0.0.1:8080/v1',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: {
    requiresAnyTool: true,
    startsPrompts: true,
    promptSchemaMember: 'json_schema',
    wireNames: { repetitionPenalty: 'repeat_penalty' },
  },
  kwargsShape: {
    ...samplingKwargsShape,
    typicalP: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Share of the tokens to draw from that are as surprising as is typical.'),
    repeatLastN: z.int().min(-1).optional().describe('How far back repetitions are looked for.'),
    mirostat: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .optional()
      .describe('0 for none, or version 1 or 2 of that way to draw.'),
    mirostatTau: z.number().optional().describe('How surprising Mirostat keeps answers.'),
    mirostatEta: z.number().optional().describe('How fast Mirostat learns.'),
    grammar: z.string().min(1).optional().describe('A grammar in GBNF that answers are held to.'),
    cachePrompt: z.boolean().optional().describe('Whether the server keeps prompts at hand.'),
    chatTemplateKwargs: z
      .record(z.string(), z.json())
      .optional()
      .describe('What the chat template is told, such as whether to think.'),
  },
})

/**
 * Names the model of llama.cpp's own server, `llama-server`, which serves one file whatever it is called.
 *
 * It wants no key, unless `apiKeyEnv` names the variable of one. One call gives one answer; set
 * `limits.maxConcurrency` to the server's number of slots.
 */
export function llamaCppServer(options: LlamaCppServerOptions): LLMSpec {
  return toModelSpec(llamaCppServerLLM, options)
}
