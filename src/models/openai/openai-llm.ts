import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { type OpenAIParams, defineOpenAILLM } from './define-openai-llm.ts'
import type { CompletionsOptions, LogprobKwargs, ServerGenerationKwargs } from './openai-params.ts'
import { refusesSampling } from './reasoning-models.ts'

/**
 * Parameters of generation of {@link openai}.
 *
 * Models that think before they answer (o1, o3, o4, gpt-5) refuse `temperature`, `topP`, `stop`, penalties and
 * log-probabilities, so these are left out for them, unless `reasoningEffort` is `none`. They get 8,192 new
 * tokens by default, since what they think counts. A `stop` has at most 4 texts.
 */
export interface OpenAIGenerationKwargs extends ServerGenerationKwargs, LogprobKwargs {
  /** How much a model of the family of GPT-5 says. */
  readonly verbosity?: 'low' | 'medium' | 'high'
  /** Has what was thought summed up in the answer's reasoning; with `api: 'responses'` alone. */
  readonly reasoningSummary?: 'auto' | 'concise' | 'detailed'
  /** How fast and dear an answer may be. */
  readonly serviceTier?: 'auto' | 'default' | 'flex' | 'priority'
}

/** Parameters of {@link openai}. */
export interface OpenAIOptions extends CompletionsOptions<OpenAIGenerationKwargs> {
  /** The address up to and with `/v1`; `https://api.openai.com/v1` by default. */
  readonly baseURL?: string
  /**
   * What conversations go to: chat completions by default, or the Responses API, which alone shows what a model
   * thought. It takes neither `stop`, `seed` nor penalties, which are left out, and gives one answer a call.
   */
  readonly api?: 'chat' | 'responses'
}

interface Params extends OpenAIParams {
  readonly api?: OpenAIOptions['api'] | undefined
}

const mostChoices = 128
/** A model that thinks gives fewer. */
const mostThoughtChoices = 8

/** JSON Schema of what {@link OpenAIGenerationKwargs} adds, member by member. */
export const openAIKwargsShape = {
  verbosity: z.enum(['low', 'medium', 'high']).optional().describe('How long answers are.'),
  reasoningSummary: z
    .enum(['auto', 'concise', 'detailed'])
    .optional()
    .describe('How the Responses API sums up what was thought.'),
  serviceTier: z
    .enum(['auto', 'default', 'flex', 'priority'])
    .optional()
    .describe('How fast an answer has to be, at another price.'),
}

/** Most answers of one call to a model of OpenAI. */
export function mostOpenAIChoices({ model, api }: Pick<Params, 'model' | 'api'>): number {
  if (api === 'responses') return 1
  return refusesSampling(model) ? mostThoughtChoices : mostChoices
}

/** The code of `OpenAILLM`. */
export const openAILLM = defineOpenAILLM<Params>({
  type: 'OpenAILLM',
  factory: 'openai',
  description: "OpenAI's models, or any server that speaks its chat completions.",
  baseURL: 'https://api.openai.com/v1',
  keyVariable: 'OPENAI_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    mostChoices,
    batch: true,
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: { wantsStrictSchemas: true },
  paramsShape: {
    api: z
      .enum(['chat', 'responses'])
      .optional()
      .describe('What conversations go to; chat completions by default.'),
  },
  kwargsShape: openAIKwargsShape,
  identityParams: ['api'],
  usesResponses: ({ api }) => api === 'responses',
  mostChoices: mostOpenAIChoices,
})

/**
 * Names a model of OpenAI, or of any server that speaks its chat completions under `baseURL`.
 *
 * The key is read from the environment variable `OPENAI_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used. One call gives up to 128 answers, 8 where the model thinks.
 */
export function openai(options: OpenAIOptions): LLMSpec {
  return toModelSpec(openAILLM, options)
}
