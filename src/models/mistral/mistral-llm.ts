import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import {
  type ProviderOptions,
  addressSchema,
  defaultMaxNewTokens,
  generationKwargsShape,
  providerOf,
  providerShape,
  thinkingMaxNewTokens,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import { mistralServerURL, toServerURL } from './mistral-connection.ts'

/** Parameters of generation of {@link mistral}. */
export interface MistralGenerationKwargs extends GenerationKwargs {
  /** Whether Mistral puts its own words about safety in front of each conversation. */
  readonly safePrompt?: boolean
  /** `reasoning` has a Magistral model think as it was trained to, with Mistral's own system prompt. */
  readonly promptMode?: 'reasoning'
  /** How much a model thinks that can think or not, such as Mistral Small 4: `none` or `high`; others refuse it. */
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'
}

/** Parameters of {@link mistral}. */
export interface MistralOptions extends ProviderOptions<MistralGenerationKwargs> {
  /** The server's address, `https://api.mistral.ai` by default; a `/v1` at its end may be left out. */
  readonly baseURL?: string
  /** How answers are held to a schema: by Mistral (`json-schema`, the default where the schema allows it) or in words. */
  readonly structuredMode?: 'json-schema' | 'instructions'
}

const params = z.strictObject({
  ...providerShape,
  baseURL: addressSchema(mistralServerURL),
  generationKwargs: z
    .strictObject({
      ...generationKwargsShape,
      maxNewTokens: generationKwargsShape.maxNewTokens.describe(
        `Most tokens of thoughts and answer together; ${defaultMaxNewTokens} by default, ${thinkingMaxNewTokens} for models that think.`,
      ),
      safePrompt: z
        .boolean()
        .optional()
        .describe("Puts Mistral's own words about safety in front."),
      promptMode: z
        .enum(['reasoning'])
        .optional()
        .describe('Has a Magistral model think as it was trained to.'),
      reasoningEffort: z
        .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])
        .optional()
        .describe('How much a model thinks that can think or not.'),
    })
    .optional(),
  structuredMode: z
    .enum(['json-schema', 'instructions'])
    .optional()
    .describe(
      'How answers are held to a schema; by default by Mistral, where the schema allows it.',
    ),
})

/** The code of `MistralLLM`. */
export const mistralLLM = toLLMDefinition({
  type: 'MistralLLM',
  factory: 'mistral',
  description: 'Models of Mistral AI.',
  params,
  capabilities: {
    structured: ['json-schema', 'instructions'],
    mostChoices: 8,
    batch: true,
    images: true,
    reasoning: true,
  },
  identity: ({ model, provider, baseURL, generationKwargs, structuredMode }) => ({
    provider: provider ?? providerOf(toServerURL(baseURL)),
    model,
    parameters: {
      ...withDefaults(model, generationKwargs),
      ...(structuredMode === undefined ? {} : { structuredMode }),
    },
  }),
  keyVariable: 'MISTRAL_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, structuredMode } = given
    const { createMistralChat } = await import('./mistral-chat.ts')
    return createMistralChat({
      type: 'MistralLLM',
      model,
      serverURL: toServerURL(given.baseURL),
      keyVariable,
      key,
      environment,
      parameters: withDefaults(model, given.generationKwargs),
      structuredMode,
      timeouts: toMilliseconds(given.timeouts),
    })
  },
})

/**
 * Names a model of Mistral AI.
 *
 * The key is read from the environment variable `MISTRAL_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used.
 *
 * Users' messages may hold up to 8 images for models that see, 10 MB each. Several answers come from one call, whose
 * prompt is paid once. A JSON Schema is held strictly where it has a strict form, else Mistral answers with JSON and is told
 * the schema in words, as a regular expression always is. Batch jobs cost half: up to 512 MB and 100,000 requests each.
 */
export function mistral(options: MistralOptions): LLMSpec {
  return toModelSpec(mistralLLM, options)
}

function withDefaults(
  model: string,
  kwargs: z.output<typeof params>['generationKwargs'],
): JsonObject {
  const effort = kwargs?.reasoningEffort ?? 'none'
  const thinks = model.startsWith('magistral') || effort !== 'none'
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens: thinks ? thinkingMaxNewTokens : defaultMaxNewTokens, ...kwargs }
}
