import type { RetortError } from '../../core/errors.ts'

const failuresInARow = 20
/** How rarely chance alone may take a provider for one that is away. */
const chance = 1e-6
const probeMs = 10_000
/** Failures in a row after which it waits a moment for those that may come at the same time. */
const suspicious = 2
const hesitationMs = 20
/** How many outcomes back the share of successes looks, about. */
const outcomesInMind = 20

/** One attempt, as far as the breaker is concerned. */
export interface Started {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/**
 * Sees when a provider is away: then one call every 10 seconds asks whether it is back, and a
 * success of a call that was started since the failures began is the sign that it is.
 *
 * It takes 20 failures in a row (more where calls failed often before), and twice as many as there are calls in
 * flight that have lasted longer than those failures took: where some fail at once and others take their time, all
 * is well. Where a provider goes away, all that is in flight fails in one moment: after two failures in a row
 * nothing starts for that long, so that few calls are lost on it.
 */
export class CircuitBreaker {
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #failedMs = 0
  #firstStart = Number.POSITIVE_INFINITY
  #health = 1
  #healthBefore = 1
  #probeAt: number | undefined
  #lastError: RetortError | undefined

  get isOpen(): boolean {
    return this.#probeAt !== undefined
  }

  /** Whether at least a third of the latest calls succeeded. */
  get isHealthy(): boolean {
    return this.#health >= 1 / 3
  }

  /** Why it is open. */
  get lastError(): RetortError | undefined {
    return this.isOpen ? this.#lastError : undefined
  }

  /** Milliseconds until a call may start. */
  waitMs(now: number): number {
    return this.#probeAt === undefined ? 0 : Math.max(0, this.#probeAt - now)
  }

  /** Milliseconds for which nothing starts because more failures may be about to come. */
  hesitatesMs(now: number): number {
    if (this.isOpen || this.#failures < suspicious) return 0
    return Math.max(0, this.#failedAt + hesitationMs - now)
  }

  started(now: number): void {
    if (this.#probeAt !== undefined) this.#probeAt = now + probeMs
  }

  /** Takes note of a reply. */
  replied({ startedAt }: Started): void {
    this.#health += (1 - this.#health) / outcomesInMind
    // What was accepted before the failures began says nothing about now.
    if (startedAt < this.#firstStart) return
    this.#failures = 0
    this.#failedMs = 0
    this.#firstStart = Number.POSITIVE_INFINITY
    this.#probeAt = undefined
    this.#lastError = undefined
  }

  /** Takes note of a failure. */
  failed(
    { startedAt }: Started,
    error: RetortError,
    now: number,
    inFlight: Iterable<Started>,
  ): void {
    if (this.#failures === 0) this.#healthBefore = this.#health
    this.#health -= this.#health / outcomesInMind
    this.#failures += 1
    this.#failedAt = now
    this.#failedMs += now - startedAt
    this.#firstStart = Math.min(this.#firstStart, startedAt)
    this.#lastError = error
    if (this.isOpen || this.#failures < this.#needed) return
    if (this.#failures < 2 * this.#hopeful(inFlight, now)) return
    this.#probeAt = now + probeMs
  }

  /** Failures in a row that are no bad luck of a provider that answers a third of all calls or more. */
  get #needed(): number {
    const failureShare = Math.min(1 - this.#healthBefore, 2 / 3)
    return Math.max(failuresInARow, Math.log(chance) / Math.log(failureShare))
  }

  #hopeful(inFlight: Iterable<Started>, now: number): number {
    const usualMs = this.#failedMs / this.#failures
    let count = 0
    for (const { startedAt } of inFlight)
      if (startedAt >= this.#firstStart && now - startedAt >= usualMs) count += 1
    return count
  }
}
