/** Calls in flight at first of a group that nobody told a limit of. */
const untoldStart = 8
const untoldCeiling = 256
const shrinkage = 0.9

/**
 * How many calls of a group may be in flight.
 *
 * A told number is start and ceiling. An untold one is found: it doubles with each round trip of
 * successes until the first congestion; after any congestion it grows by one with each round.
 */
export class Concurrency {
  #told: number | null = null
  #ceiling = untoldCeiling
  #window = untoldStart
  #isBelowCeiling = true
  #isStarting = true
  #shrunkAt = Number.NEGATIVE_INFINITY

  get limit(): number {
    return Math.ceil(Math.min(this.#window, this.#ceiling))
  }

  setTold(told: number | null): void {
    if (told === this.#told) return
    if (told === null) {
      this.#ceiling = untoldCeiling
      this.#window = Math.max(this.#window, untoldStart)
      this.#isBelowCeiling = true
    } else {
      if (this.#told === null) this.#isBelowCeiling = false
      this.#ceiling = told
      if (!this.#isBelowCeiling) this.#window = told
    }
    this.#told = told
  }

  /** Takes note of a success; only what was used to the full grows. */
  succeeded(inFlight: number): void {
    if (!this.#isBelowCeiling || inFlight < this.limit) return
    this.#window += this.#isStarting ? 1 : 1 / this.#window
    if (this.#window < this.#ceiling) return
    this.#window = this.#ceiling
    this.#isBelowCeiling = false
  }

  /** Ends the quick growth at the start. */
  slowDown(): void {
    this.#isStarting = false
  }

  /** Shrinks, once for all the calls that were in flight together. */
  congested(startedAt: number, now: number): void {
    this.#isStarting = false
    if (startedAt <= this.#shrunkAt) return
    this.#shrunkAt = now
    this.#isBelowCeiling = true
    this.#window = Math.max(1, Math.min(this.#window, this.#ceiling) * shrinkage)
  }
}
