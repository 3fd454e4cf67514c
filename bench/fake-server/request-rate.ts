/** A limit of requests a minute that refills steadily and holds one second's worth. */
export class RequestRate {
  readonly #perMs: number
  readonly #capacity: number
  #level: number
  #at: number

  constructor(requestsPerMinute: number, now: number) {
    this.#perMs = requestsPerMinute / 60_000
    this.#capacity = Math.max(1, requestsPerMinute / 60)
    this.#level = this.#capacity
    this.#at = now
  }

  /** Takes a request; otherwise says after how many milliseconds there is room for one. */
  take(now: number): number {
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs)
    this.#at = now
    if (this.#level < 1) return (1 - this.#level) / this.#perMs
    this.#level -= 1
    return 0
  }
}
