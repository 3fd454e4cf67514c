import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

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

/** Parameters of {@link mistral}. */
export interface MistralOptions extends ProviderOptions {
  /** The server's address, `https://api.mistral.ai` by default; a `/v1` at its end may be left out. */
  readonly baseURL?: string
}

const mistralServerURL = 'https://api.mistral.ai'
const mistralKeyVariable = 'MISTRAL_API_KEY'

const params = z.strictObject({
  ...providerShape,
  generationKwargs: z.strictObject(generationKwargsShape).optional(),
})

/** The code of `MistralLLM`. */
export const mistralLLM = defineLLM({
  type: 'MistralLLM',
  params,
  identity: ({ model, provider, baseURL, generationKwargs }) => ({
    provider: provider ?? providerOf(toServerURL(baseURL)),
    model,
    parameters: withDefaults(generationKwargs),
  }),
  keyVariable: ({ apiKeyEnv = mistralKeyVariable }) => apiKeyEnv ?? undefined,
  async create(given, { environment, key }) {
    const { createMistralChat } = await import('./mistral-chat.ts')
    return createMistralChat({
      model: given.model,
      serverURL: toServerURL(given.baseURL),
      keyVariable:
        given.apiKeyEnv === undefined ? mistralKeyVariable : (given.apiKeyEnv ?? undefined),
      key,
      environment,
      parameters: withDefaults(given.generationKwargs),
      timeouts: toMilliseconds(given.timeouts),
    })
  },
})

/**
 * Names a model of Mistral AI.
 *
 * The key is read from the environment variable `MISTRAL_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used.
 */
export function mistral(options: MistralOptions): LLMSpec {
  return toModelSpec(mistralLLM, options)
}

/** Mistral's client adds the `/v1` itself. */
function toServerURL(baseURL: string = mistralServerURL): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v1$/, '')
}

function withDefaults(kwargs: z.output<typeof params>['generationKwargs']): JsonObject {
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens: defaultMaxNewTokens, ...kwargs }
}
