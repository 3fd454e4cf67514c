import { type RetortError, isRetortError } from '../../core/errors.ts'

import { neverReached, requestFailing } from './limiter-errors.ts'

const repeatable: ReadonlySet<string> = new Set([
  'rate-limited',
  'provider-unavailable',
  'timeout',
  'connection-lost',
])

const firstDelayMs = 50
const isolatedCapMs = 500
const longestDelayMs = 10_000
const firstBackoffMs = 500
const unreachableMs = 60_000
const poisonousFailures = 20

/** What a failed attempt means for its call and its group. */
export type Reaction =
  | { readonly kind: 'throw'; readonly error: unknown }
  /** Nobody of the group starts a call before then. */
  | { readonly kind: 'pause'; readonly milliseconds: number }
  /** Only this call waits. */
  | { readonly kind: 'rest'; readonly milliseconds: number }

/** What a call remembers of its failures. */
export interface FailureHistory {
  /** The era of backing off that its latest attempt started in. */
  era: number
  failures: number
  /** Failures before which, each time, others of the group succeeded. */
  lonelyFailures: number
  /** Successes and failures of the group when it last failed, or started for the first time. */
  groupSucceeded: number
  groupFailed: number
}

/**
 * Decides what follows from the outcomes of a group's attempts.
 *
 * A provider that names a time pauses the group for exactly that long; a 429 without one backs the
 * group off, once for all the calls that were in flight together; any other failure concerns its own
 * call, whose waits grow past half a second only while nothing succeeds.
 */
export class RetryPolicy {
  readonly #group: string
  readonly #random: () => number
  #succeeded = 0
  #failed = 0
  #failingSince: number | undefined
  #unreachableSince: number | undefined
  #unreachableAt = Number.NEGATIVE_INFINITY
  #backoffs = 0
  #era = 0

  constructor(group: string, random: () => number) {
    this.#group = group
    this.#random = random
  }

  /** Grows with each backoff; an attempt of an earlier era says nothing new about the limit. */
  get era(): number {
    return this.#era
  }

  /** Takes note of a call that starts for the first time. */
  begin(call: FailureHistory): void {
    call.groupSucceeded = this.#succeeded
    call.groupFailed = this.#failed
  }

  succeeded(era: number): void {
    this.#succeeded += 1
    this.#failingSince = undefined
    // Among the calls that were started together one that got through shows that not all is blocked.
    if (era >= this.#era - 1) this.#backoffs = 0
  }

  failed(error: unknown, call: FailureHistory, now: number): Reaction {
    if (!isRetortError(error) || !repeatable.has(error.code)) return { kind: 'throw', error }
    call.failures += 1
    this.#failingSince ??= now
    const hopeless = this.#unreachable(error, now) ?? this.#poisonous(error, call)
    if (hopeless !== undefined) return { kind: 'throw', error: hopeless }
    if (error.retryAfterMs !== undefined && error.retryAfterMs > 0)
      return { kind: 'pause', milliseconds: error.retryAfterMs }
    if (error.code === 'rate-limited' && call.era === this.#era) {
      this.#era += 1
      const milliseconds = this.#jitter(firstBackoffMs * 2 ** this.#backoffs)
      this.#backoffs = Math.min(this.#backoffs + 1, 16)
      return { kind: 'pause', milliseconds }
    }
    const cap = Math.max(isolatedCapMs, (now - this.#failingSince) / 2)
    const milliseconds = this.#jitter(Math.min(firstDelayMs * 2 ** (call.failures - 1), cap))
    return { kind: 'rest', milliseconds }
  }

  #jitter(milliseconds: number): number {
    return Math.min(milliseconds, longestDelayMs) * (0.5 + this.#random() / 2)
  }

  #poisonous(error: RetortError, call: FailureHistory): RetortError | undefined {
    if (error.code === 'rate-limited') return undefined
    const succeeded = this.#succeeded - call.groupSucceeded
    const failed = this.#failed - call.groupFailed
    this.#failed += 1
    call.groupSucceeded = this.#succeeded
    call.groupFailed = this.#failed
    // Where most others fail as well, it is the provider.
    if (succeeded === 0 || failed > 2 * succeeded) return undefined
    call.lonelyFailures += 1
    if (call.lonelyFailures < poisonousFailures) return undefined
    return requestFailing(call.lonelyFailures, error)
  }

  #unreachable(error: RetortError, now: number): RetortError | undefined {
    if (error.code !== 'connection-lost') {
      if (error.code !== 'timeout') this.#unreachableSince = undefined
      return undefined
    }
    if (this.#succeeded > 0) return undefined
    if (now - this.#unreachableAt > unreachableMs) this.#unreachableSince = undefined
    this.#unreachableSince ??= now
    this.#unreachableAt = now
    if (now - this.#unreachableSince < unreachableMs) return undefined
    return neverReached(this.#group, unreachableMs / 1000, error)
  }
}
