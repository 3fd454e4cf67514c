const heldMilliseconds = 500
/** What rounding may take away from a unit that is there. */
const rounding = 1e-6

/**
 * A limit of units a minute: refills steadily, holds half a second's worth (at least one unit) and
 * starts full. Without a rate it limits nothing.
 */
export class Bucket {
  #perMillisecond: number | undefined
  #capacity = Number.POSITIVE_INFINITY
  #level = 0
  #filledAt = Number.NEGATIVE_INFINITY

  get perMinute(): number | undefined {
    return this.#perMillisecond === undefined ? undefined : this.#perMillisecond * 60_000
  }

  setRate(perMinute: number | undefined, now: number): void {
    const wasLimited = this.#perMillisecond !== undefined
    this.#fill(now)
    this.#perMillisecond = perMinute === undefined ? undefined : perMinute / 60_000
    if (this.#perMillisecond === undefined) return
    this.#capacity = Math.max(1, this.#perMillisecond * heldMilliseconds)
    this.#level = wasLimited ? Math.min(this.#level, this.#capacity) : this.#capacity
  }

  /** Milliseconds until so many units may be taken; what never fits may be taken from a full bucket. */
  waitMs(units: number, now: number): number {
    if (this.#perMillisecond === undefined) return 0
    if (this.#perMillisecond === 0) return Number.POSITIVE_INFINITY
    this.#fill(now)
    const missing = Math.min(units, this.#capacity) - this.#level
    return missing <= rounding ? 0 : missing / this.#perMillisecond
  }

  /** Takes units that {@link waitMs} has found to be there; the level may fall below zero. */
  take(units: number): void {
    if (this.#perMillisecond !== undefined) this.#level -= units
  }

  /** Gives back units that were taken and not used; a negative number takes what was used beyond. */
  giveBack(units: number): void {
    if (this.#perMillisecond !== undefined)
      this.#level = Math.min(this.#capacity, this.#level + units)
  }

  #fill(now: number): void {
    if (this.#perMillisecond !== undefined && now > this.#filledAt)
      this.#level = Math.min(
        this.#capacity,
        this.#level + (now - this.#filledAt) * this.#perMillisecond,
      )
    this.#filledAt = now
  }
}
