import { RetortError, isRetortError } from '../../core/errors.ts'

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
/** Failures of one call in a row that still count as bad luck. */
const luckyFailures = 8
const unreachableMs = 60_000

/** What a failed attempt means for its call and its group. */
export type Reaction =
  | { readonly kind: 'throw'; readonly error: unknown }
  /** Nobody of the group starts a call before then. */
  | { readonly kind: 'pause'; readonly milliseconds: number }
  /** Only this call waits. */
  | { readonly kind: 'rest'; readonly milliseconds: number }

/**
 * Decides what follows from the outcomes of a group's attempts.
 *
 * A provider that names a time pauses the group for exactly that long; a 429 without one backs the
 * group off, once for all the calls that were in flight together; any other failure concerns its own
 * call, whose waits grow past half a second only while nothing succeeds, or where nothing but this
 * call fails again and again.
 */
export class RetryPolicy {
  readonly #group: string
  readonly #random: () => number
  #hasSucceeded = false
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

  succeeded(era: number): void {
    this.#hasSucceeded = true
    this.#failingSince = undefined
    // Among the calls that were started together one that got through shows that not all is blocked.
    if (era >= this.#era - 1) this.#backoffs = 0
  }

  failed(error: unknown, failures: number, era: number, now: number): Reaction {
    if (!isRetortError(error) || !repeatable.has(error.code)) return { kind: 'throw', error }
    this.#failingSince ??= now
    const unreachable = this.#unreachable(error, now)
    if (unreachable !== undefined) return { kind: 'throw', error: unreachable }
    if (error.retryAfterMs !== undefined && error.retryAfterMs > 0)
      return { kind: 'pause', milliseconds: error.retryAfterMs }
    if (error.code === 'rate-limited' && era === this.#era) {
      this.#era += 1
      const milliseconds = this.#jitter(firstBackoffMs * 2 ** this.#backoffs)
      this.#backoffs = Math.min(this.#backoffs + 1, 16)
      return { kind: 'pause', milliseconds }
    }
    const cap = Math.max(
      isolatedCapMs * 2 ** Math.max(0, failures - luckyFailures),
      (now - this.#failingSince) / 2,
    )
    const milliseconds = this.#jitter(Math.min(firstDelayMs * 2 ** (failures - 1), cap))
    return { kind: 'rest', milliseconds }
  }

  #jitter(milliseconds: number): number {
    return Math.min(milliseconds, longestDelayMs) * (0.5 + this.#random() / 2)
  }

  #unreachable(error: RetortError, now: number): RetortError | undefined {
    if (error.code !== 'connection-lost') {
      if (error.code !== 'timeout') this.#unreachableSince = undefined
      return undefined
    }
    if (this.#hasSucceeded) return undefined
    if (now - this.#unreachableAt > unreachableMs) this.#unreachableSince = undefined
    this.#unreachableSince ??= now
    this.#unreachableAt = now
    if (now - this.#unreachableSince < unreachableMs) return undefined
    return new RetortError(
      'endpoint-wrong',
      `No call of limit group '${this.#group}' ever got through, for ${unreachableMs / 1000} s in all; check the address: ${error.message}`,
      { data: error.data, cause: error },
    )
  }
}
