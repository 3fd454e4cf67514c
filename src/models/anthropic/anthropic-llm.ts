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
  withoutVersion,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import { traitsOf } from './claude-model.ts'

/**
 * How a Claude thinks: `'adaptive'` as much as it sees fit, `'disabled'` not at all, or for so many tokens.
 *
 * `budgetTokens` is at least 1,024, less than `maxNewTokens`, and for models from Claude 3.7 to 4.6; `'adaptive'` is
 * for those from 4.6 on. Models from 5 on think where nothing is said, and a few of them always.
 */
export type ClaudeThinking = 'adaptive' | 'disabled' | { readonly budgetTokens: number }

/** How hard a Claude tries, thinking included; `'xhigh'` is for models from 4.7 on, `'max'` for those from 4.6 on. */
export type ClaudeEffort = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/**
 * Parameters of generation of {@link anthropic}.
 *
 * Anthropic has no seed and no penalties: they are left out. So are `temperature` (0 to 1), `topP` and `topK` for models
 * from Claude 4.7 on, which refuse them, and, but for a `topP` of at least 0.95, wherever a model thinks; `topP` beside
 * a `temperature` is left out for models from 4.1 on. `stop` takes texts that are not only white space.
 *
 * What is thought counts as answered, so `maxNewTokens` is 8,192 by default where a model thinks, or 2,048 above its
 * budget. Claude 4.5 answers with at most 64,000 tokens, Opus and Sonnet from 4.6 on with 128,000.
 */
export interface AnthropicGenerationKwargs extends GenerationKwargs {
  /** Number of the likeliest tokens to draw from. */
  readonly topK?: number
  readonly thinking?: ClaudeThinking
  /** For Claude Opus 4.5 and models from 4.6 on; the latter think then, too, unless `thinking` says otherwise. */
  readonly reasoningEffort?: ClaudeEffort
  /** Members of the request's body that have no name here, as Anthropic spells them: `cache_control`, `service_tier`. */
  readonly extraBody?: JsonObject
}

/** Parameters of {@link anthropic}. */
export interface AnthropicOptions extends ProviderOptions<AnthropicGenerationKwargs> {
  /** The server's address, `https://api.anthropic.com` by default; a `/v1` at its end may be left out. */
  readonly baseURL?: string
  /**
   * How answers are held to a form. By default by their JSON Schema, for models from 4.5 on and schemas that Anthropic
   * can hold answers to (no recursion, no names of any kind); else by a tool that must be called, where the model does
   * not think; else in words. Ranges, lengths and patterns are told in words in any case.
   */
  readonly structuredMode?: Exclude<StructuredMode, 'regex'>
}

const type = 'AnthropicLLM'
const anthropicURL = 'https://api.anthropic.com'

const kwargs = z.strictObject({
  ...generationKwargsShape,
  temperature: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Randomness, from 0 to 1; left out where a model thinks, and for Claude 4.7 and newer.',
    ),
  topK: z.int().min(1).optional().describe('Number of the likeliest tokens to draw from.'),
  thinking: z
    .union([z.enum(['adaptive', 'disabled']), z.strictObject({ budgetTokens: z.int().min(1024) })])
    .optional()
    .describe('Whether the model thinks before it answers, and in how many tokens at most.'),
  reasoningEffort: z
    .enum(['low', 'medium', 'high', 'xhigh', 'max'])
    .optional()
    .describe('How hard the model tries.'),
  extraBody: extraBodySchema('Anthropic'),
})

type Kwargs = z.output<typeof kwargs>

const params = z
  .strictObject({
    ...providerShape,
    baseURL: addressSchema(anthropicURL),
    generationKwargs: kwargs.optional(),
    structuredMode: z
      .enum(['json-schema', 'tool', 'instructions'])
      .optional()
      .describe('How answers are held to a form; the strongest way that takes it by default.'),
  })
  .superRefine(({ model, generationKwargs }, context) => {
    const refused = refusal(model, generationKwargs ?? {})
    if (refused === undefined) return
    context.addIssue({
      code: 'custom',
      path: ['generationKwargs', refused.name],
      message: refused.why,
    })
  })

/** The code of `AnthropicLLM`. */
export const anthropicLLM = toLLMDefinition({
  type,
  factory: 'anthropic',
  description: "Anthropic's Claude.",
  params,
  peer: '@anthropic-ai/sdk',
  capabilities: {
    structured: ['json-schema', 'tool', 'instructions'],
    batch: true,
    images: true,
    reasoning: true,
  },
  identity: ({ model, provider, baseURL = anthropicURL, generationKwargs, structuredMode }) => ({
    provider: provider ?? providerOf(withoutVersion(baseURL)),
    model,
    parameters: {
      ...withDefaults(model, generationKwargs),
      ...(structuredMode === undefined ? {} : { structuredMode }),
    },
  }),
  keyVariable: 'ANTHROPIC_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, baseURL = anthropicURL } = given
    const anthropic = await importPeer('@anthropic-ai/sdk', type, () => import('@anthropic-ai/sdk'))
    const { createAnthropicChat } = await import('./anthropic-chat.ts')
    return createAnthropicChat({
      type,
      model,
      baseURL: withoutVersion(baseURL),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      anthropic,
      parameters: withDefaults(model, given.generationKwargs),
      structuredMode: given.structuredMode,
    })
  },
})

/**
 * Names a Claude of Anthropic, over the optional package `@anthropic-ai/sdk`.
 *
 * The key is read from the environment variable `ANTHROPIC_API_KEY`, or the one that `apiKeyEnv` names, when the model
 * is first used. It reads images of the types JPEG, PNG, GIF and WebP, up to 100 in one request of at most 32 MB.
 * It gives one answer a call, continues no raw prompts, and tells no log-probabilities. A batch has up to 100,000
 * requests or 256 MB, costs half, and ends within a day.
 */
export function anthropic(options: AnthropicOptions): LLMSpec {
  return toModelSpec(anthropicLLM, options)
}

function withDefaults(model: string, given: Kwargs = {}): JsonObject {
  const { thinking, reasoningEffort } = given
  const traits = traitsOf(model)
  const budget = typeof thinking === 'object' ? thinking.budgetTokens : undefined
  const thinks =
    thinking === undefined
      ? traits.thinksUnasked || (reasoningEffort !== undefined && traits.thinksAdaptively)
      : thinking !== 'disabled'
  const maxNewTokens =
    budget === undefined
      ? thinks
        ? thinkingMaxNewTokens
        : defaultMaxNewTokens
      : budget + defaultMaxNewTokens
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens, ...(given as JsonObject) }
}

/** What a model would refuse in every call. */
function refusal(
  model: string,
  { thinking, reasoningEffort, maxNewTokens = Number.POSITIVE_INFINITY }: Kwargs,
): { readonly name: keyof Kwargs; readonly why: string } | undefined {
  const traits = traitsOf(model)
  if (typeof thinking === 'object' && !traits.takesBudget)
    return { name: 'thinking', why: `${model} takes no budget; set reasoningEffort instead` }
  if (thinking === 'adaptive' && !traits.thinksAdaptively)
    return { name: 'thinking', why: `${model} does not think adaptively; give it budgetTokens` }
  if (reasoningEffort !== undefined && !traits.takesEffort)
    return { name: 'reasoningEffort', why: `${model} takes none; set thinking instead` }
  if (typeof thinking === 'object' && maxNewTokens <= thinking.budgetTokens)
    return {
      name: 'maxNewTokens',
      why: 'it has to be more than thinking.budgetTokens, which is part of it',
    }
  return undefined
}
