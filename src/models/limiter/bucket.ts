const heldMilliseconds = 500
/** What rounding may take away from a unit that is there. */
const rounding = 1e-6

/**
 * A limit of units a minute: refills steadily, holds half a second's worth (at least one unit) and
 * starts full. Without a rate it limits nothing.
 */
export class Bucket {
  #perMinute: number | undefined
  #perMs = 0
  #capacity = 0
  #level = 0
  #filledAt = Number.NEGATIVE_INFINITY
  #spilled = 0

  get perMinute(): number | undefined {
    return this.#perMinute
  }

  setRate(perMinute: number | undefined, now: number): void {
    if (perMinute === this.#perMinute) return
    const wasLimited = this.#perMinute !== undefined
    this.#fill(now)
    this.#perMinute = perMinute
    this.#perMs = (perMinute ?? 0) / 60_000
    this.#capacity = Math.max(1, this.#perMs * heldMilliseconds)
    this.#level = wasLimited ? Math.min(this.#level, this.#capacity) : this.#capacity
  }

  /** Milliseconds until so many units may be taken; what never fits may be taken from a full bucket. */
  waitMs(units: number, now: number): number {
    if (this.#perMinute === undefined) return 0
    if (this.#perMinute === 0) return Number.POSITIVE_INFINITY
    this.#fill(now)
    const missing = Math.min(units, this.#capacity) - this.#level
    return missing <= rounding ? 0 : missing / this.#perMs
  }

  /** Takes units that {@link waitMs} has found to be there; the level may fall below zero. */
  take(units: number): void {
    if (this.#perMinute !== undefined) this.#level -= units
  }

  /** Gives back units that were taken and not used; a negative number takes what was used beyond. */
  giveBack(units: number): void {
    if (this.#perMinute !== undefined) this.#level = Math.min(this.#capacity, this.#level + units)
  }

  /** Keeps no more than so many units of what it holds. */
  spill(units: number): void {
    this.#level = Math.min(this.#level, units)
  }

  /** Milliseconds' worth that found the bucket full since it was last asked. */
  takeIdleMs(now: number): number {
    this.#fill(now)
    const idleMs = this.#perMs > 0 ? this.#spilled / this.#perMs : 0
    this.#spilled = 0
    return idleMs
  }

  #fill(now: number): void {
    if (this.#perMs > 0 && now > this.#filledAt) {
      const level = this.#level + (now - this.#filledAt) * this.#perMs
      this.#level = Math.min(this.#capacity, level)
      this.#spilled += level - this.#level
    }
    this.#filledAt = now
  }
}
