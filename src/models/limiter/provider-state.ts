import { type RetortError, isRetortError } from '../../core/errors.ts'
import type { Share, Standing } from '../../core/lease.ts'
import type { RateLimitReport } from '../../core/llm-spec.ts'

import { CircuitBreaker } from './circuit-breaker.ts'
import { Concurrency } from './concurrency.ts'
import { awaySentence, nothingRemains, pausedSentence } from './limiter-errors.ts'
import { Introduction } from './introduction.ts'
import { Rates } from './rates.ts'
import { type Reaction, RetryPolicy } from './retry-policy.ts'
import type { Call } from './waiting-calls.ts'

/** Statuses by which a provider says that it has too much to do. */
const overloadStatuses: ReadonlySet<unknown> = new Set([503, 529])

/** What an attempt fails with where its provider is not there or cannot. */
const failureCodes: ReadonlySet<string> = new Set([
  'provider-unavailable',
  'timeout',
  'connection-lost',
])

/** What an attempt fails with where its provider replied; other errors never got so far. */
const replyCodes: ReadonlySet<string> = new Set([
  'refusal',
  'content-filter',
  'cut-off',
  'output-invalid',
  'request-invalid',
  'context-length',
  'authentication',
  'model-unknown',
  'quota',
])

/** What a limit group knows of its provider: how much it takes, and whether it is there. */
export class ProviderState {
  readonly #group: string
  readonly #policy: RetryPolicy
  readonly #rates = new Rates()
  readonly #concurrency = new Concurrency()
  readonly #breaker = new CircuitBreaker()
  readonly #introduction = new Introduction()
  readonly #inFlight = new Set<Call>()
  #peakInFlight = 0
  #attempts = 0
  #succeeded = 0
  #rateLimited = 0
  #retries: Record<string, number> = {}
  #pausedUntil = Number.NEGATIVE_INFINITY
  #pausedBy: RetortError | undefined

  constructor(group: string, random: () => number) {
    this.#group = group
    this.#policy = new RetryPolicy(group, random)
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get isAway(): boolean {
    return this.#breaker.isOpen
  }

  setTold(bounds: Share, now: number): void {
    this.#concurrency.setTold(bounds.maxConcurrency)
    this.#rates.setTold(bounds, now)
  }

  setStanding(standing: Standing, now: number): void {
    this.#rates.setStanding(standing, now)
  }

  /** Requests a minute that refusals taught, for all the processes that share the group. */
  get learned(): number | null {
    return this.#rates.learnedByGroup ?? null
  }

  /** Milliseconds until a call may start, of so many that wait; infinite where another has to end before. */
  waitMs(tokens: number, now: number, waiting: number): number {
    const { limit } = this.#concurrency
    if (this.#inFlight.size >= limit) return Number.POSITIVE_INFINITY
    return Math.max(
      this.blockedMs(now),
      this.#breaker.hesitatesMs(now),
      this.#rates.waitMs(tokens, now, waiting),
      this.#introduction.waitMs(limit, now),
    )
  }

  /** Milliseconds for which the provider itself lets no call start. */
  blockedMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now, this.#breaker.waitMs(now))
  }

  /** Milliseconds for which the provider asked to be left alone. */
  pausedMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now)
  }

  /** The error because of which no call starts. */
  blockedBy(now: number): RetortError | undefined {
    return this.#pausedUntil > now ? this.#pausedBy : this.#breaker.lastError
  }

  blockedReason(now: number): string | null {
    if (this.#breaker.isOpen)
      return awaySentence(this.#group, this.#breaker.waitMs(now), this.#breaker.lastError)
    const pausedMs = this.pausedMs(now)
    return pausedMs > 0 ? pausedSentence(this.#group, pausedMs, this.#pausedBy) : null
  }

  started(call: Call, now: number): void {
    if (call.attempts === 0) this.#policy.begin(call)
    call.attempts += 1
    call.startedAt = now
    this.#introduction.started(now)
    call.era = this.#policy.era
    call.stretch = this.#rates.started(call.estimatedTokens, now)
    this.#breaker.started(now)
    this.#inFlight.add(call)
    this.#attempts += 1
    if (this.#inFlight.size > this.#peakInFlight) this.#peakInFlight = this.#inFlight.size
  }

  succeeded(call: Call, usedTokens: number | undefined): void {
    this.#introduction.end()
    this.#concurrency.succeeded(this.#inFlight.size)
    this.#inFlight.delete(call)
    this.#succeeded += 1
    this.#policy.succeeded(call.era)
    this.#breaker.replied(call)
    if (usedTokens !== undefined) this.#rates.giveBackTokens(call.estimatedTokens - usedTokens)
  }

  /** Takes note of an attempt that its caller ended. */
  ended(call: Call): void {
    this.#inFlight.delete(call)
  }

  /** Says what follows from a failure, for its call and for all. */
  failed(call: Call, error: unknown, now: number): Reaction {
    this.#introduction.end()
    this.#inFlight.delete(call)
    const reaction = this.#policy.failed(error, call, now)
    if (!isRetortError(error)) return reaction
    // What timed out may have used its tokens.
    if (error.code !== 'timeout') this.#rates.giveBackTokens(call.estimatedTokens)
    if (error.code === 'rate-limited') this.#refused(call, error, now)
    else if (failureCodes.has(error.code)) this.#broke(call, error, now)
    else if (replyCodes.has(error.code)) this.#breaker.replied(call)
    if (reaction.kind !== 'throw') this.#retries[error.code] = (this.#retries[error.code] ?? 0) + 1
    if (reaction.kind === 'pause') this.#pause(now + reaction.milliseconds, error)
    return reaction
  }

  /** Takes a reply's report into account; says whether calls have to wait because of it. */
  observe(report: RateLimitReport, now: number): boolean {
    const holdMs = this.#rates.observe(report, now)
    if (holdMs > 0) this.#pause(now + holdMs, nothingRemains(this.#group))
    return holdMs > 0
  }

  stats(now: number) {
    return {
      maxConcurrency: this.#concurrency.limit,
      inFlight: this.#inFlight.size,
      peakInFlight: this.#peakInFlight,
      attempts: this.#attempts,
      succeeded: this.#succeeded,
      retries: { ...this.#retries },
      rateLimited: this.#rateLimited,
      learnedRequestsPerMinute: this.#rates.learnedPerMinute ?? null,
      isAway: this.isAway,
      pausedForMs: this.pausedMs(now),
    }
  }

  #refused(call: Call, { retryAfterMs }: RetortError, now: number): void {
    this.#rateLimited += 1
    if (retryAfterMs === undefined || retryAfterMs === 0)
      return this.#concurrency.congested(call.startedAt, now)
    this.#concurrency.slowDown()
    this.#rates.refused(call.stretch, call.startedAt, retryAfterMs, now)
  }

  #broke(call: Call, error: RetortError, now: number): void {
    this.#breaker.failed(call, error, now, this.#inFlight)
    const isOverload =
      overloadStatuses.has(error.data['status']) ||
      (error.code === 'timeout' && !this.#breaker.isHealthy)
    if (isOverload) this.#concurrency.congested(call.startedAt, now)
  }

  #pause(until: number, error: RetortError): void {
    if (until <= this.#pausedUntil) return
    this.#pausedUntil = until
    this.#pausedBy = error
  }
}
