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

/** Parameters of generation of {@link openRouter}. */
export interface OpenRouterGenerationKwargs
  extends ServerGenerationKwargs, LogprobKwargs, SamplingKwargs {
  /** Most tokens that a model thinks, in the place of `reasoningEffort`. */
  readonly reasoningMaxTokens?: number
  readonly topA?: number
  /** Which of a model's providers may answer, as OpenRouter spells it: `{ order, require_parameters, … }`. */
  readonly providerRouting?: JsonObject
  /** Models to ask in turn where the first does not answer. */
  readonly fallbackModels?: readonly string[]
}

/** Parameters of {@link openRouter}. */
export interface OpenRouterOptions extends CompletionsOptions<OpenRouterGenerationKwargs> {
  /** `https://openrouter.ai/api/v1` by default. */
  readonly baseURL?: string
}

/** The code of `OpenRouterLLM`. */
export const openRouterLLM = defineOpenAILLM({
  type: 'OpenRouterLLM',
  factory: 'openRouter',
  description: 'Models at OpenRouter.',
  baseURL: 'https://openrouter.ai/api/v1',
  keyVariable: 'OPENROUTER_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: {
    wantsStrictSchemas: true,
    wireNames: {
      reasoningEffort: 'reasoning.effort',
      reasoningMaxTokens: 'reasoning.max_tokens',
      providerRouting: 'provider',
      fallbackModels: 'models',
    },
  },
  kwargsShape: {
    ...samplingKwargsShape,
    reasoningMaxTokens: z.int().min(1).optional().describe('Most tokens to think in.'),
    topA: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Least probability of a token, by the square of that of the likeliest.'),
    providerRouting: z
      .record(z.string(), z.json())
      .optional()
      .describe('Which providers may answer, and in which order.'),
    fallbackModels: z
      .array(z.string())
      .optional()
      .describe('Models that are asked where this one fails.'),
  },
})

/**
 * Names a model at OpenRouter, such as `deepseek/deepseek-r1`.
 *
 * The key is read from the environment variable `OPENROUTER_API_KEY`, or the one that `apiKeyEnv` names, when the
 * model is first used. One call gives one answer.
 */
export function openRouter(options: OpenRouterOptions): LLMSpec {
  return toModelSpec(openRouterLLM, options)
}
