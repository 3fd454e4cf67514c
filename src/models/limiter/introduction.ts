/** Calls that start at once. */
const atOnce = 8
/** Steps of a millisecond in which the rest of those that may be in flight start. */
const steps = 32

/**
 * Spreads the first calls to a provider a little, until its first reply: it may turn out to permit
 * few, and calls that all start at once keep coming back all at once.
 */
export class Introduction {
  #isOver = false
  #started = 0
  #stepAt = Number.NEGATIVE_INFINITY
  #inStep = 0

  /** Milliseconds until a call may start. */
  waitMs(maxConcurrency: number, now: number): number {
    if (this.#isOver || this.#started < atOnce) return 0
    // Counted from when calls did start: the first ones keep a process busy for longer than that.
    const isFull = this.#inStep >= Math.ceil(maxConcurrency / steps)
    return isFull ? Math.max(0, this.#stepAt + 1 - now) : 0
  }

  started(now: number): void {
    if (this.#isOver) return
    this.#started += 1
    if (now >= this.#stepAt + 1) {
      this.#stepAt = now
      this.#inStep = 0
    }
    this.#inStep += 1
  }

  end(): void {
    this.#isOver = true
  }
}
