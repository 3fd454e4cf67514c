/** A limit of requests a minute that refills steadily and holds one second's worth. */
export class RequestRate {
  readonly #perMinute: number
  readonly #perMs: number
  readonly #capacity: number
  #level: number
  #at: number

  constructor(requestsPerMinute: number, now: number) {
    this.#perMinute = requestsPerMinute
    this.#perMs = requestsPerMinute / 60_000
    this.#capacity = Math.max(1, requestsPerMinute / 60)
    this.#level = this.#capacity
    this.#at = now
  }

  /** Takes a request; otherwise says after how many milliseconds there is room for one. */
  take(now: number): number {
    this.#refill(now)
    if (this.#level < 1) return (1 - this.#level) / this.#perMs
    this.#level -= 1
    return 0
  }

  /**
   * How it stands, in OpenAI's way: the limit is told by the minute, and what is not refilled yet is
   * taken off it, although much shorter bursts are refused.
   */
  state(now: number): { limit: number; remaining: number; resetMs: number } {
    this.#refill(now)
    const used = Math.ceil(this.#capacity - this.#level)
    const remaining = Math.max(0, this.#perMinute - used)
    return { limit: this.#perMinute, remaining, resetMs: used / this.#perMs }
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs)
    this.#at = now
  }
}
