import type { RateLimitQuota } from '../../core/llm-spec.ts'

const minute = 60_000
const tolerance = 0.1
/** Replies in a row that have to tell the same before it is believed. */
const agreeing = 3

/**
 * What the headers of a provider's replies teach about one of its limits.
 *
 * A limit counts only where the rest of a report shows that it is one of a minute: many are of a
 * day. What remains of a window is no allowance, since providers refuse bursts far below it.
 */
export class ReportedRate {
  #perMinute: number | undefined
  #candidate = 0
  #agreed = 0

  get perMinute(): number | undefined {
    return this.#perMinute
  }

  /** Takes note of a report; says for how many milliseconds there is no room. */
  observe({ limit, remaining, resetMs }: RateLimitQuota): number {
    if (remaining === undefined || resetMs === undefined || !(resetMs > 0)) return 0
    const isOfMinute = limit !== undefined && isMinute(limit, remaining, resetMs)
    if (isOfMinute) this.#believe(limit)
    if (remaining > 0) return 0
    return isOfMinute ? minute / limit : resetMs
  }

  #believe(limit: number): void {
    this.#agreed = limit === this.#candidate ? this.#agreed + 1 : 1
    this.#candidate = limit
    if (this.#agreed >= agreeing) this.#perMinute = limit
  }
}

/** Whether what was used of a limit takes as long to come back as it does where the window is a minute. */
function isMinute(limit: number, remaining: number, resetMs: number): boolean {
  const used = limit - remaining
  if (!(limit > 0) || used <= 0) return false
  const windowMs = (limit / used) * resetMs
  return Math.abs(windowMs - minute) <= minute * tolerance
}
