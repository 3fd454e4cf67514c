import type { LimiterStats } from './limiter-stats.ts'
import { Limiter, type LimiterOptions } from './limiter.ts'

/** What limiters take from their surroundings. */
export interface LimitersOptions extends LimiterOptions {
  /** Told of each limiter when its group is first used. */
  readonly onCreate?: (limiter: Limiter) => void
}

/** The limiters of a process, one for each limit group. */
export class Limiters {
  readonly #options: LimitersOptions
  readonly #byGroup = new Map<string, Limiter>()
  #closed: { readonly reason: Error | undefined } | undefined

  constructor(options: LimitersOptions = {}) {
    this.#options = options
  }

  of(group: string): Limiter {
    const known = this.#byGroup.get(group)
    if (known !== undefined) return known
    const limiter = new Limiter(group, this.#options)
    if (this.#closed !== undefined) limiter.close(this.#closed.reason)
    this.#byGroup.set(group, limiter)
    this.#options.onCreate?.(limiter)
    return limiter
  }

  all(): readonly Limiter[] {
    return [...this.#byGroup.values()]
  }

  /** Ends every wait in every group, for good; calls in flight finish. */
  close(reason?: Error): void {
    this.#closed = { reason }
    for (const limiter of this.#byGroup.values()) limiter.close(reason)
  }

  stats(): readonly LimiterStats[] {
    return [...this.#byGroup.values()].map((limiter) => limiter.stats())
  }
}
