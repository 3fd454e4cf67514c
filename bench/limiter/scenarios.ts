import type { FakeOptions } from '../fake-server/fake-options.ts'
import type { LLMLimits } from '../../src/core/llm-spec.ts'

/** Rows that are asked for through some limiters, and how the provider behaves. */
export interface Scenario {
  readonly title: string
  readonly rows: number
  readonly provider: Partial<FakeOptions>
  /** What each limiter is told. */
  readonly limiters: readonly LLMLimits[]
  /** Seconds after the start between which the provider is away. */
  readonly away?: readonly [from: number, to: number]
  readonly targets: { readonly seconds: number; readonly refused?: number }
}

const latencyMs = 100
const limit = { latencyMs, requestsPerMinute: 1_200 }
/** What the limit allows 600 rows to take; its first second's worth comes at once. */
const idealSeconds = 30
const halves: readonly LLMLimits[] = [{ maxConcurrency: 25 }, { maxConcurrency: 25 }]
const whole: readonly LLMLimits[] = [{ maxConcurrency: 50 }]

/** The scenarios by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  told: {
    title: '600 rows, 1,200 requests a minute, told, two limiters',
    rows: 600,
    provider: limit,
    limiters: halves.map((half) => ({ ...half, requestsPerMinute: 600 })),
    targets: { seconds: 1.03 * idealSeconds, refused: 3 },
  },
  untold: {
    title: '600 rows, 1,200 requests a minute, not told, two limiters',
    rows: 600,
    provider: limit,
    limiters: halves,
    targets: { seconds: 1.05 * idealSeconds, refused: 48 },
  },
  headers: {
    title: '600 rows, 1,200 requests a minute, told by headers',
    rows: 600,
    provider: { ...limit, rateLimitHeaders: true },
    limiters: whole,
    targets: { seconds: 1.05 * idealSeconds, refused: 48 },
  },
  'random-429': {
    title: '500 rows, half of all requests 429 with Retry-After: 1',
    rows: 500,
    provider: { latencyMs, rateLimitShare: 0.5 },
    limiters: whole,
    targets: { seconds: 40 },
  },
  errors: {
    title: '500 rows, 30 % HTTP 500',
    rows: 500,
    provider: { latencyMs, errorShare: 0.3 },
    limiters: whole,
    targets: { seconds: 4 },
  },
  hangs: {
    title: '500 rows, 5 % hang until a timeout of 5 s, 2 % resets',
    rows: 500,
    provider: { latencyMs, hangShare: 0.05, resetShare: 0.02 },
    limiters: whole,
    targets: { seconds: 30 },
  },
  away: {
    title: '1,000 rows, provider away for 3 minutes after 1 s',
    rows: 1_000,
    provider: { latencyMs },
    limiters: whole,
    away: [1, 181],
    targets: { seconds: 181 + 15 },
  },
}
