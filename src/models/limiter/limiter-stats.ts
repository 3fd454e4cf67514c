/** What a limiter did and does. */
export interface LimiterStats {
  readonly group: string
  /** Calls that may be in flight. */
  readonly maxConcurrency: number
  readonly inFlight: number
  readonly peakInFlight: number
  readonly waiting: number
  readonly attempts: number
  readonly succeeded: number
  /** Attempts that failed and were repeated, by error code. */
  readonly retries: Readonly<Record<string, number>>
  /** Attempts that the provider refused with 429. */
  readonly rateLimited: number
  /** The rate that such refusals taught, with what is added to find whether more goes; `null` where they taught none. */
  readonly learnedRequestsPerMinute: number | null
  /** Whether the provider is taken to be away, and only asked now and then. */
  readonly isAway: boolean
  /** Milliseconds for which no call starts. */
  readonly pausedForMs: number
  /** Why no call starts, as one sentence; `null` while calls may. */
  readonly blockedReason: string | null
}
