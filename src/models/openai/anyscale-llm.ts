import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import type { CompletionsOptions, LogprobKwargs, ServerGenerationKwargs } from './openai-params.ts'

/** Parameters of generation of {@link anyscale}. */
export interface AnyscaleGenerationKwargs extends ServerGenerationKwargs, LogprobKwargs {}

/** Parameters of {@link anyscale}. */
export interface AnyscaleOptions extends CompletionsOptions<AnyscaleGenerationKwargs> {
  /** The address of your service with `/v1`; `https://api.endpoints.anyscale.com/v1` by default. */
  readonly baseURL?: string
}

/** The code of `AnyscaleLLM`. */
export const anyscaleLLM = defineOpenAILLM({
  type: 'AnyscaleLLM',
  factory: 'anyscale',
  description: 'Models that Anyscale serves.',
  baseURL: 'https://api.endpoints.anyscale.com/v1',
  keyVariable: 'ANYSCALE_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    mostChoices: 128,
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: { promptSchemaMember: 'response_format' },
})

/**
 * Names a model that Anyscale serves.
 *
 * The key is read from the environment variable `ANYSCALE_API_KEY`, or the one that `apiKeyEnv` names, when the
 * model is first used.
 */
export function anyscale(options: AnyscaleOptions): LLMSpec {
  return toModelSpec(anyscaleLLM, options)
}
