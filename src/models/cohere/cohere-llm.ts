import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { importPeer } from '../import-peer.ts'
import { toLLMDefinition } from '../model-definition.ts'
import {
  type ProviderOptions,
  addressSchema,
  defaultMaxNewTokens,
  extraBodySchema,
  generationKwargsShape,
  providerOf,
  providerShape,
  thinkingMaxNewTokens,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import { cohereURL, toServerURL } from './cohere-address.ts'

/**
 * Whether a model of Cohere thinks before it answers, or in how many tokens at most.
 *
 * Models such as `command-a-reasoning-08-2025` think where nothing is said; others refuse it.
 */
export type CohereThinking = 'enabled' | 'disabled' | { readonly budgetTokens: number }

/**
 * Parameters of generation of {@link cohere}.
 *
 * `temperature` is 0.3 where it is left out, `topP` 0.75 and from 0.01 to 0.99; penalties go from 0 to 1; at most 5 `stop`
 * texts. What is thought counts as answered, so `maxNewTokens` is 8,192 by default for models that reason, or 2,048
 * above a budget; Cohere cuts it down to what the model can say.
 */
export interface CohereGenerationKwargs extends GenerationKwargs {
  /** Number of the likeliest tokens to draw from, up to 500; 0 for all. */
  readonly topK?: number
  readonly thinking?: CohereThinking
  /** Whether answers come with the log-probabilities of their pieces, each of one token or a few. */
  readonly logprobs?: boolean
  /** Members of the request's body that have no name here, as Cohere spells them: `safety_mode`, `priority`. */
  readonly extraBody?: JsonObject
}

/** Parameters of {@link cohere}. */
export interface CohereOptions extends ProviderOptions<CohereGenerationKwargs> {
  /** The server's address, `https://api.cohere.com` by default; a version at its end may be left out. */
  readonly baseURL?: string
  /**
   * How answers are held to a form: by their JSON Schema, where it has no combinations, no references and only objects
   * with something required, else in words. A tool that must be called is for models that know tools.
   */
  readonly structuredMode?: Exclude<StructuredMode, 'regex'>
}

const type = 'CohereLLM'

const kwargs = z.strictObject({
  ...generationKwargsShape,
  topP: z
    .number()
    .min(0.01)
    .max(0.99)
    .optional()
    .describe('Share of the likeliest tokens to draw from; 0.75 by default.'),
  stop: z
    .union([z.string(), z.array(z.string()).max(5)])
    .optional()
    .describe('Up to 5 texts that end an answer.'),
  frequencyPenalty: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Makes words less likely the more often they came, from 0 to 1.'),
  presencePenalty: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Makes words less likely that came at all, from 0 to 1.'),
  topK: z
    .int()
    .min(0)
    .max(500)
    .optional()
    .describe('Number of the likeliest tokens to draw from; 0 for all.'),
  thinking: z
    .union([z.enum(['enabled', 'disabled']), z.strictObject({ budgetTokens: z.int().min(1) })])
    .optional()
    .describe('Whether the model thinks before it answers, and in how many tokens at most.'),
  logprobs: z.boolean().optional().describe('Asks for log-probabilities.'),
  extraBody: extraBodySchema('Cohere'),
})

type Kwargs = z.output<typeof kwargs>

const params = z.strictObject({
  ...providerShape,
  baseURL: addressSchema(cohereURL),
  generationKwargs: kwargs.optional(),
  structuredMode: z
    .enum(['json-schema', 'tool', 'instructions'])
    .optional()
    .describe('How answers are held to a form; by the schema where Cohere takes it by default.'),
})

/** The code of `CohereLLM`. */
export const cohereLLM = toLLMDefinition({
  type,
  factory: 'cohere',
  description: 'Models of Cohere.',
  params,
  peer: 'cohere-ai',
  capabilities: {
    structured: ['json-schema', 'tool', 'instructions'],
    images: true,
    logprobs: true,
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
  keyVariable: 'CO_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model } = given
    const cohere = await importPeer('cohere-ai', type, () => import('cohere-ai'))
    const { createCohereChat } = await import('./cohere-chat.ts')
    return createCohereChat({
      type,
      model,
      baseURL: toServerURL(given.baseURL),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      cohere,
      parameters: withDefaults(model, given.generationKwargs),
      structuredMode: given.structuredMode,
    })
  },
})

/**
 * Names a model of Cohere, over the optional package `cohere-ai`.
 *
 * The key is read from the environment variable `CO_API_KEY`, or the one that `apiKeyEnv` names, when the model is
 * first used. Models such as `command-a-vision-07-2025` read images. It gives one answer a call and continues no raw
 * prompts. A trial key is good for 20 calls a minute and 1,000 a month.
 */
export function cohere(options: CohereOptions): LLMSpec {
  return toModelSpec(cohereLLM, options)
}

function withDefaults(model: string, given: Kwargs = {}): JsonObject {
  const { thinking } = given
  const thinks = thinking === undefined ? /reasoning/.test(model) : thinking !== 'disabled'
  const maxNewTokens =
    typeof thinking === 'object'
      ? thinking.budgetTokens + defaultMaxNewTokens
      : thinks
        ? thinkingMaxNewTokens
        : defaultMaxNewTokens
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens, ...(given as JsonObject) }
}
