import type { ChatOptions, RateLimitQuota, RateLimitReport } from '../../core/llm-spec.ts'

import type { HeaderReader } from './retry-after.ts'

/** Names of headers that tell one limit. */
interface Family {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
  readonly windowMs: number | undefined
}

const minute = 60_000
const day = 86_400_000
/** Further off no window ends; what says so is no time. */
const longestResetMs = 31 * day

/** Of several that a reply has, the first counts. */
const requestFamilies: readonly Family[] = [
  // OpenAI, Azure, Fireworks; Groq, by the day
  family('x-ratelimit-*-requests'),
  // Mistral
  family('x-ratelimit-*-req-minute', minute),
  family('anthropic-ratelimit-requests-*', minute),
  // Cerebras
  family('x-ratelimit-*-requests-minute', minute),
  family('x-ratelimit-*-requests-day', day),
  // Cohere, to trial keys
  family('x-trial-endpoint-call-*', minute),
  // Together, OpenRouter
  family('x-ratelimit-*'),
  // The drafts for a standard
  family('ratelimit-*'),
]

const tokenFamilies: readonly Family[] = [
  // OpenAI, Azure, Groq, Fireworks
  family('x-ratelimit-*-tokens'),
  // Mistral, Cerebras
  family('x-ratelimit-*-tokens-minute', minute),
  // The tightest of Anthropic's limits, then each on its own
  family('anthropic-ratelimit-tokens-*', minute),
  family('anthropic-ratelimit-input-tokens-*', minute),
  family('anthropic-ratelimit-output-tokens-*', minute),
  // Mistral, as it was
  family('x-ratelimitbysize-*-minute', minute),
  family('ratelimitbysize-*'),
  // Cerebras
  family('x-ratelimit-*-tokens-day', day),
  // Together
  family('x-tokenlimit-*'),
]

function family(pattern: string, windowMs?: number): Family {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((field) =>
    pattern.replace('*', field),
  ) as [string, string, string]
  return { limit, remaining, reset, windowMs }
}

/** Reads what a reply says about its provider's limits; `undefined` where it says nothing that can be read. */
export function parseRateLimitHeaders(
  headers: HeaderReader,
  now: number,
): RateLimitReport | undefined {
  const requests = firstQuota(requestFamilies, headers, now)
  const tokens = firstQuota(tokenFamilies, headers, now)
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens }
}

/** Tells a listener what a reply says about its provider's limits, where there is both. */
export function reportRateLimits(
  headers: HeaderReader,
  onRateLimit: ChatOptions['onRateLimit'],
): void {
  if (onRateLimit === undefined || headers.mentions?.('limit') === false) return
  const report = parseRateLimitHeaders(headers, Date.now())
  if (report !== undefined) onRateLimit(report)
}

function firstQuota(
  families: readonly Family[],
  headers: HeaderReader,
  now: number,
): RateLimitQuota | undefined {
  for (const names of families) {
    const quota = toQuota(names, headers, now)
    if (quota !== undefined) return quota
  }
  return undefined
}

function toQuota(names: Family, headers: HeaderReader, now: number): RateLimitQuota | undefined {
  const limitText = headers.get(names.limit)
  const limit = parseCount(limitText)
  const remaining = parseCount(headers.get(names.remaining))
  if (limit === undefined && remaining === undefined) return undefined
  const resetMs = parseReset(headers.get(names.reset), now)
  const windowMs = names.windowMs ?? parseWindow(limitText)
  return { limit, remaining, resetMs, ...(windowMs === undefined ? {} : { windowMs }) }
}

/** A count, also where a policy follows it: `100, 100;w=60`. */
function parseCount(text: string | null): number | undefined {
  if (text === null) return undefined
  const [, digits] = /^\s*(\d{1,15}(?:\.\d+)?)\s*(?:[,;]|$)/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** The window of the policy for the very limit: 60 s in `100, 100;w=60, 5000;w=3600`. */
function parseWindow(text: string | null): number | undefined {
  const limit = parseCount(text)
  if (text === null || limit === undefined || !text.includes(';')) return undefined
  for (const [, count, seconds] of text.matchAll(/(\d+)\s*;\s*w(?:indow)?=(\d{1,8})/g))
    if (Number(count) === limit) return Number(seconds) * 1000
  return undefined
}

const units: Readonly<Record<string, number>> = {
  d: day,
  h: 3_600_000,
  m: minute,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** Milliseconds until a time that is told as a duration, in seconds, since 1970 or as a date. */
function parseReset(text: string | null, now: number): number | undefined {
  const trimmed = text?.trim() ?? ''
  const milliseconds = /^\d+(\.\d+)?$/.test(trimmed)
    ? fromNumber(Number(trimmed), now)
    : /^\d{4}-\d\d-\d\dT/.test(trimmed)
      ? Date.parse(trimmed) - now
      : fromDuration(trimmed)
  // A time that does not parse is NaN, which no comparison holds for.
  return milliseconds <= longestResetMs ? Math.max(0, milliseconds) : undefined
}

/** Seconds from now, or since 1970, or milliseconds since 1970: no window is long enough to mistake them. */
function fromNumber(value: number, now: number): number {
  if (value > 1e11) return value - now
  return value > 1e9 ? value * 1000 - now : value * 1000
}

/** `6m0s`, `1.5s`, `120ms`, as Go writes durations. */
function fromDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(d|h|ms|m|s|us|µs|ns))+$/.test(text)) return Number.NaN
  let sum = 0
  for (const [, value, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)([a-zµ]+)/g))
    sum += Number(value) * (units[unit] ?? Number.NaN)
  return sum
}
