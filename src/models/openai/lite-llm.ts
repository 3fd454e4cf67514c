import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import type { CompletionsOptions, LogprobKwargs, ServerGenerationKwargs } from './openai-params.ts'

/** Parameters of generation of {@link liteLLM}. */
export interface LiteLLMGenerationKwargs extends ServerGenerationKwargs, LogprobKwargs {
  /** Whether the proxy leaves out what a model does not take, instead of refusing the call. */
  readonly dropParams?: boolean
  readonly topK?: number
  /** Which of its providers the proxy asks. */
  readonly customLLMProvider?: string
  /** Models that the proxy asks in turn where the first does not answer. */
  readonly fallbacks?: readonly string[]
  /** What the proxy answers without asking any model. */
  readonly mockResponse?: string
}

/** Parameters of {@link liteLLM}. */
export interface LiteLLMOptions extends CompletionsOptions<LiteLLMGenerationKwargs> {
  /** The proxy's address; `http://127.0.0.1:4000/v1` by default. */
  readonly baseURL?: string
}

/** The code of `LiteLLM`. */
export const liteLLMDefinition = defineOpenAILLM({
  type: 'LiteLLM',
  factory: 'liteLLM',
  description: 'Models behind a LiteLLM proxy.',
  baseURL: 'http://127.0.0.1:4000/v1',
  keyVariable: 'LITELLM_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: { wantsStrictSchemas: true, wireNames: { customLLMProvider: 'custom_llm_provider' } },
  kwargsShape: {
    dropParams: z
      .boolean()
      .optional()
      .describe('Whether the proxy leaves out what the provider does not take.'),
    topK: z.int().min(-1).optional().describe('How many of the likeliest tokens to draw from.'),
    customLLMProvider: z
      .string()
      .optional()
      .describe("The provider, where the model's name does not say it."),
    fallbacks: z
      .array(z.string())
      .optional()
      .describe('Models that are asked where this one fails.'),
    mockResponse: z.string().optional().describe('A text that the proxy answers with itself.'),
  },
})

/**
 * Names a model behind a LiteLLM proxy, which asks a hundred providers in OpenAI's words.
 *
 * The key is read from the environment variable `LITELLM_API_KEY`, or the one that `apiKeyEnv` names (`null` for a
 * proxy without keys), when the model is first used. One call gives one answer, since not all of its providers give more.
 */
export function liteLLM(options: LiteLLMOptions): LLMSpec {
  return toModelSpec(liteLLMDefinition, options)
}
