import { z } from 'zod'

import type { JsonObject } from '../core/json.ts'
import type { GenerationKwargs, LLMLimits, LLMPrices } from '../core/llm-spec.ts'

import type { CallTimeouts } from './http/call-timer.ts'

/** Most tokens of an answer where nobody says. */
export const defaultMaxNewTokens = 2048
/** The same of a model that thinks before it answers, which counts as answered. */
export const thinkingMaxNewTokens = 8192

/** Most tokens of an answer that parameters of generation allow. */
export function mostNewTokens({ maxNewTokens }: JsonObject): number {
  return typeof maxNewTokens === 'number' ? maxNewTokens : defaultMaxNewTokens
}

/** The seed of one of several samples: with one and the same, all of them would be equal. */
export function seedOf(
  { seed }: Readonly<Record<string, unknown>>,
  sampleIndex: number,
): number | undefined {
  return typeof seed === 'number' ? seed + sampleIndex : undefined
}

/** JSON Schema of what a request's body may hold beyond what has a name here. */
export function extraBodySchema(
  provider = 'the provider',
): z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodJSONSchema>> {
  return z
    .record(z.string(), z.json())
    .optional()
    .describe(`Members of the request's body that have no name here, as ${provider} spells them.`)
}

/** JSON Schema of {@link GenerationKwargs}, member by member. */
export const generationKwargsShape = {
  temperature: z
    .number()
    .min(0)
    .optional()
    .describe('Randomness, from 0; the provider has the default.'),
  topP: z.number().min(0).max(1).optional().describe('Share of the likeliest tokens to draw from.'),
  maxNewTokens: z
    .int()
    .min(1)
    .optional()
    .describe(`Most tokens of an answer; ${defaultMaxNewTokens} by default.`),
  stop: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Texts that end an answer.'),
  seed: z.int().optional().describe('Asks the provider for repeatable draws.'),
  frequencyPenalty: z
    .number()
    .min(-2)
    .max(2)
    .optional()
    .describe('Makes words less likely the more often they came, from -2 to 2.'),
  presencePenalty: z
    .number()
    .min(-2)
    .max(2)
    .optional()
    .describe('Makes words less likely that came at all, from -2 to 2.'),
}

const seconds = z.number().positive().max(86_400).optional()

/** JSON Schema of {@link LLMTimeouts}. */
export const timeoutsSchema = z.strictObject({
  connectSeconds: seconds.meta({ description: 'Until there is a connection.', default: 10 }),
  firstByteSeconds: seconds.meta({
    description: 'Until the first byte of the answer.',
    default: 600,
  }),
  silenceSeconds: seconds.meta({ description: 'Between two bytes of the answer.', default: 60 }),
  callSeconds: seconds.meta({ description: 'Until the whole answer is there.', default: 600 }),
})

/**
 * How long a model may take before a call counts as failed and is repeated, over another connection.
 *
 * Each part of a call has its own limit: answers are not streamed, so their first byte comes when the
 * model is done, and `silenceSeconds` alone, however small, cuts no model short that thinks for long.
 */
export interface LLMTimeouts {
  /** Until there is a connection; 10 by default. */
  readonly connectSeconds?: number
  /** From the connection to the first byte of the answer's body; 600 by default. */
  readonly firstByteSeconds?: number
  /** Between two bytes of the answer; 60 by default. */
  readonly silenceSeconds?: number
  /** From the beginning until the whole answer is there; 600 by default. */
  readonly callSeconds?: number
}

/** What every factory of a provider's model takes. */
export interface ProviderOptions<Kwargs extends GenerationKwargs = GenerationKwargs> {
  /** The model's name as the provider knows it. */
  readonly model: string
  /** The environment variable that holds the key; `null` for a server that wants none. */
  readonly apiKeyEnv?: string | null
  /**
   * Names the provider in signatures and limit groups in the place of the address, so that answers
   * stay good when a server moves.
   */
  readonly provider?: string
  readonly generationKwargs?: Kwargs
  readonly limits?: LLMLimits
  /** What its tokens cost, where the built-in table does not know or not say it right. */
  readonly prices?: LLMPrices
  readonly timeouts?: LLMTimeouts
}

/** JSON Schema of what {@link ProviderOptions} and all addresses share. */
export const providerShape = {
  model: z.string().min(1).describe("The model's name as the provider knows it."),
  baseURL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("The server's address."),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it takes the name of an environment variable')
    .nullable()
    .optional()
    .describe('The environment variable that holds the key; null for a server that wants none.'),
  provider: z
    .string()
    .min(1)
    .optional()
    .describe('Names the provider in signatures and limit groups, in the place of the address.'),
  timeouts: timeoutsSchema.optional(),
}

/** JSON Schema of an address, with the one that holds where none is given. */
export function addressSchema(usual: string): typeof providerShape.baseURL {
  return providerShape.baseURL.meta({ default: usual })
}

/** An address without the `/v1` at its end, which clients and paths add themselves. */
export function withoutVersion(baseURL: string): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v1$/, '')
}

/** An address without what does not tell providers apart: credentials, query, a slash at the end. */
export function providerOf(baseURL: string): string {
  const { origin, pathname } = new URL(baseURL)
  return `${origin}${pathname}`.replace(/\/+$/, '')
}

/** Timeouts in milliseconds, with defaults filled in. */
export function toMilliseconds(timeouts: LLMTimeouts = {}): CallTimeouts {
  return {
    connectMs: (timeouts.connectSeconds ?? 10) * 1000,
    firstByteMs: (timeouts.firstByteSeconds ?? 600) * 1000,
    silenceMs: (timeouts.silenceSeconds ?? 60) * 1000,
    callMs: (timeouts.callSeconds ?? 600) * 1000,
  }
}
