import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs } from '../../core/llm-spec.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { type ProviderOptions, extraBodySchema, generationKwargsShape } from '../model-params.ts'

/** How long a model thinks before it answers; each takes some of these and refuses others. */
export type ReasoningEffort = (typeof reasoningEfforts)[number]

const reasoningEfforts = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
  'default',
] as const

/** Parameters of generation of every server that speaks OpenAI's API. */
export interface ServerGenerationKwargs extends GenerationKwargs {
  /** How long the model thinks before it answers; its tokens count as those of the answer. */
  readonly reasoningEffort?: ReasoningEffort
  /** Members of the request's body that have no name here, as the provider spells them. */
  readonly extraBody?: JsonObject
}

/** Parameters of generation of servers that tell log-probabilities. */
export interface LogprobKwargs {
  /** Whether to tell how likely each token of the answer was. */
  readonly logprobs?: boolean
  /** How many of the likeliest tokens to tell at each place, from 1 to 20. */
  readonly topLogprobs?: number
}

/** Parameters of every server that speaks OpenAI's API. */
export interface ServerOptions<Kwargs extends GenerationKwargs> extends ProviderOptions<Kwargs> {
  /** The address up to and with `/v1`, or what stands in its place. */
  readonly baseURL?: string
  /** How answers are held to a form; the strongest way that the server has, by default. */
  readonly structuredMode?: StructuredMode
}

/** Parameters of servers that continue raw prompts, too. */
export interface CompletionsOptions<Kwargs extends GenerationKwargs> extends ServerOptions<Kwargs> {
  /**
   * The template by which conversations become raw prompts for the server's completions: a family of models such
   * as `llama3` or `qwen2`, or a Jinja text. By default the server has its own, and is sent the conversation.
   */
  readonly chatTemplate?: string
}

/** JSON Schema of {@link ServerGenerationKwargs}, member by member. */
export const serverKwargsShape = {
  ...generationKwargsShape,
  reasoningEffort: z
    .enum(reasoningEfforts)
    .optional()
    .describe('How long the model thinks before it answers.'),
  extraBody: extraBodySchema(),
}

/** JSON Schema of {@link LogprobKwargs}, member by member. */
export const logprobKwargsShape = {
  logprobs: z.boolean().optional().describe('Whether to tell how likely each token was.'),
  topLogprobs: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe('How many of the likeliest tokens to tell at each place.'),
}

/** JSON Schema of how servers of open models draw tokens, member by member. */
export const samplingKwargsShape = {
  topK: z.int().min(-1).optional().describe('How many of the likeliest tokens to draw from.'),
  minP: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Least probability of a token, as a share of that of the likeliest.'),
  repetitionPenalty: z
    .number()
    .positive()
    .optional()
    .describe('Makes what has been said less likely where it is above 1.'),
}

/** Parameters of generation by which servers of open models draw tokens. */
export interface SamplingKwargs {
  /** How many of the likeliest tokens to draw from. */
  readonly topK?: number
  /** Least probability of a token, as a share of that of the likeliest, from 0 to 1. */
  readonly minP?: number
  /** Makes what has been said less likely where it is above 1. */
  readonly repetitionPenalty?: number
}
