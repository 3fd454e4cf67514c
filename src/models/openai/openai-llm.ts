import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'

import { defineLLM } from '../model-definition.ts'
import {
  type ProviderOptions,
  defaultMaxNewTokens,
  generationKwargsShape,
  providerOf,
  providerShape,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

/** Parameters of generation of {@link openai}. */
export interface OpenAIGenerationKwargs extends GenerationKwargs {
  /** Members of the request's body that have no name here, as the provider spells them. */
  readonly extraBody?: JsonObject
}

/** Parameters of {@link openai}. */
export interface OpenAIOptions extends ProviderOptions<OpenAIGenerationKwargs> {
  /** The address up to and with `/v1`; `https://api.openai.com/v1` by default. */
  readonly baseURL?: string
}

const openAIBaseURL = 'https://api.openai.com/v1'
const openAIKeyVariable = 'OPENAI_API_KEY'
const reasoningMaxNewTokens = 8192

const params = z.strictObject({
  ...providerShape,
  generationKwargs: z
    .strictObject({
      ...generationKwargsShape,
      extraBody: z.record(z.string(), z.json()).optional(),
    })
    .optional(),
})

/** The code of `OpenAILLM`. */
export const openAILLM = defineLLM({
  type: 'OpenAILLM',
  params,
  capabilities: { batch: true },
  identity: ({ model, provider, baseURL = openAIBaseURL, generationKwargs }) => ({
    provider: provider ?? providerOf(baseURL),
    model,
    parameters: withDefaults(model, generationKwargs),
  }),
  keyVariable: ({ apiKeyEnv = openAIKeyVariable }) => apiKeyEnv ?? undefined,
  async create(given, { environment, key }) {
    const { model, baseURL = openAIBaseURL, apiKeyEnv = openAIKeyVariable } = given
    const { createOpenAIChat } = await import('./openai-chat.ts')
    return createOpenAIChat({
      type: 'OpenAILLM',
      model,
      baseURL,
      keyVariable: apiKeyEnv ?? undefined,
      key,
      environment,
      parameters: withDefaults(model, given.generationKwargs),
      wantsCompletionTokens: isReasoningModel(model),
      hasBatches: true,
      timeouts: toMilliseconds(given.timeouts),
    })
  },
})

/**
 * Names a model of OpenAI, or of any server that speaks its chat completions under `baseURL`.
 *
 * The key is read from the environment variable `OPENAI_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used.
 */
export function openai(options: OpenAIOptions): LLMSpec {
  return toModelSpec(openAILLM, options)
}

function withDefaults(
  model: string,
  kwargs: z.output<typeof params>['generationKwargs'],
): JsonObject {
  const maxNewTokens = isReasoningModel(model) ? reasoningMaxNewTokens : defaultMaxNewTokens
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens, ...kwargs }
}

/** Models that refuse `max_tokens` and think before they answer. */
function isReasoningModel(model: string): boolean {
  return /(^|\/)(o[134]|gpt-5)([.-]|$)/.test(model)
}
