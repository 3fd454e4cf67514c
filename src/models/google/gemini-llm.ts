import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import {
  type ProviderOptions,
  addressSchema,
  providerOf,
  providerShape,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import {
  type GeminiGenerationKwargs,
  type GeminiStructuredMode,
  geminiCapabilities,
  geminiShape,
  withGeminiDefaults,
} from './gemini-params.ts'
import { geminiAddress, geminiBaseURL } from './google-address.ts'

/** Parameters of {@link gemini}. */
export interface GeminiOptions extends ProviderOptions<GeminiGenerationKwargs> {
  /** The server's address, `https://generativelanguage.googleapis.com` by default; a version at its end holds in the place of `v1beta`. */
  readonly baseURL?: string
  /** How answers are held to a schema: by Google (`json-schema`, the default) or in words. */
  readonly structuredMode?: GeminiStructuredMode
}

const params = z.strictObject({
  ...providerShape,
  baseURL: addressSchema(geminiBaseURL),
  ...geminiShape,
})

/** The code of `GeminiLLM`. */
export const geminiLLM = toLLMDefinition({
  type: 'GeminiLLM',
  factory: 'gemini',
  description: "Models of Google's Gemini API.",
  params,
  peer: '@google/genai',
  capabilities: { ...geminiCapabilities, batch: true },
  identity: ({ model, provider, baseURL, generationKwargs, structuredMode }) => ({
    provider: provider ?? providerOf(geminiAddress(baseURL).baseURL),
    model,
    parameters: {
      ...withGeminiDefaults(model, generationKwargs),
      ...(structuredMode === undefined ? {} : { structuredMode }),
    },
  }),
  keyVariable: 'GEMINI_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, structuredMode } = given
    const { createGeminiChat } = await import('./gemini-chat.ts')
    return createGeminiChat({
      type: 'GeminiLLM',
      model,
      ...geminiAddress(given.baseURL),
      keyVariable,
      key,
      environment,
      parameters: withGeminiDefaults(model, given.generationKwargs),
      structuredMode,
      timeouts: toMilliseconds(given.timeouts),
    })
  },
})

/**
 * Names a model of Google's Gemini API; it needs the package `@google/genai`.
 *
 * The key is read from the environment variable `GEMINI_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used.
 *
 * System messages work, and images as `data:` (20 MB a request) or as an address that Google fetches.
 * Models before Gemini 3 give up to 8 answers a call, later ones one. Google holds answers to a JSON Schema but
 * passes over some of its keywords (`pattern`, `minLength`, `not`, …), which are said in descriptions and checked here; a
 * regular expression goes in words.
 * Batch jobs cost half: up to 2 GB each, answered within a day, with results that Google keeps for two.
 */
export function gemini(options: GeminiOptions): LLMSpec {
  return toModelSpec(geminiLLM, options)
}
