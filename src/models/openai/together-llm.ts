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

/** Parameters of generation of {@link together}. */
export interface TogetherGenerationKwargs
  extends ServerGenerationKwargs, LogprobKwargs, SamplingKwargs {}

/** Parameters of {@link together}. */
export interface TogetherOptions extends CompletionsOptions<TogetherGenerationKwargs> {
  /** `https://api.together.xyz/v1` by default. */
  readonly baseURL?: string
}

/** The code of `TogetherLLM`. */
export const togetherLLM = defineOpenAILLM({
  type: 'TogetherLLM',
  factory: 'together',
  description: 'Models at Together AI.',
  baseURL: 'https://api.together.xyz/v1',
  keyVariable: 'TOGETHER_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'regex', 'tool', 'instructions'],
    mostChoices: 128,
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: { patternMember: 'response_format', countsLogprobs: true },
  kwargsShape: samplingKwargsShape,
})

/**
 * Names a model at Together AI.
 *
 * The key is read from the environment variable `TOGETHER_API_KEY`, or the one that `apiKeyEnv` names, when the
 * model is first used. One call gives up to 128 answers. Not every model takes a JSON Schema or a regular expression;
 * `structuredMode: 'instructions'` tells the others in words.
 */
export function together(options: TogetherOptions): LLMSpec {
  return toModelSpec(togetherLLM, options)
}
