import type { Share, Standing } from '../../core/lease.ts'
import type { RateLimitReport } from '../../core/llm-spec.ts'

import { Bucket } from './bucket.ts'
import { LearnedRate } from './learned-rate.ts'
import { ReportedRate } from './reported-rate.ts'

/** How often a rate that is being probed is raised. */
const stepMs = 100

/** The rates of requests and tokens that a group keeps to: the smallest of what was told, reported and learned. */
export class Rates {
  readonly #requests = new Bucket()
  readonly #tokens = new Bucket()
  readonly #learned = new LearnedRate()
  readonly #reportedRequests = new ReportedRate()
  readonly #reportedTokens = new ReportedRate()
  #told: Pick<Share, 'requestsPerMinute' | 'tokensPerMinute'> = {
    requestsPerMinute: null,
    tokensPerMinute: null,
  }
  /** How much of the limit group this process may use. */
  #part = 1
  #steppedAt = Number.NEGATIVE_INFINITY

  /** Requests a minute that refusals taught. */
  get learnedPerMinute(): number | undefined {
    return this.#learned.perMinute
  }

  /** The same for all the processes that share the group. */
  get learnedByGroup(): number | undefined {
    const { estimate } = this.#learned
    return estimate === undefined ? undefined : estimate / this.#part
  }

  /** Goes on with its part of what was learned, its own or else the others'. */
  setStanding({ part, learned }: Standing, now: number): void {
    // Who may use nothing for a while comes back with what it knew.
    if (part <= 0) return
    this.#learned.scale(part / this.#part)
    this.#part = part
    const isHeeded = this.#learned.hear(learned === null ? undefined : learned * part, now)
    this.#apply(now)
    // The others have used what the provider's bucket holds.
    if (isHeeded) this.#requests.spill(1)
  }

  setTold(told: Share, now: number): void {
    this.#told = told
    this.#apply(now)
  }

  /** Takes a reply's report into account; says for how many milliseconds there is no room. */
  observe({ requests, tokens }: RateLimitReport, now: number): number {
    const requestsMs = requests === undefined ? 0 : this.#reportedRequests.observe(requests)
    const tokensMs = tokens === undefined ? 0 : this.#reportedTokens.observe(tokens)
    this.#apply(now)
    return Math.max(requestsMs, tokensMs)
  }

  /** Milliseconds until a call may start, of so many that wait. */
  waitMs(tokens: number, now: number, waiting: number): number {
    if (now >= this.#steppedAt + stepMs) this.#step(now, waiting)
    return Math.max(this.#requests.waitMs(1, now), this.#tokens.waitMs(tokens, now))
  }

  /** Takes note of a call that starts; returns what {@link refused} wants to know of it. */
  started(tokens: number, now: number): number {
    this.#requests.take(1)
    this.#tokens.take(tokens)
    return this.#learned.started(now)
  }

  /** Takes note of a refusal that names a time. */
  refused(stretch: number, startedAt: number, retryAfterMs: number, now: number): void {
    this.#learned.refused(stretch, startedAt, retryAfterMs, now)
  }

  giveBackTokens(tokens: number): void {
    this.#tokens.giveBack(tokens)
  }

  #step(now: number, waiting: number): void {
    this.#steppedAt = now
    const atOnce = this.#learned.advance(now, this.#requests.takeIdleMs(now), waiting)
    this.#apply(now)
    if (atOnce !== undefined) this.#requests.spill(atOnce)
  }

  #apply(now: number): void {
    const { requestsPerMinute, tokensPerMinute } = this.#told
    const requests = this.#partOf(this.#reportedRequests)
    const tokens = this.#partOf(this.#reportedTokens)
    this.#requests.setRate(
      smallest(requestsPerMinute ?? undefined, requests, this.#learned.perMinute),
      now,
    )
    this.#tokens.setRate(smallest(tokensPerMinute ?? undefined, tokens), now)
  }

  /** What headers report is the limit of all. */
  #partOf({ perMinute }: ReportedRate): number | undefined {
    return perMinute === undefined ? undefined : perMinute * this.#part
  }
}

function smallest(...rates: readonly (number | undefined)[]): number | undefined {
  return rates.reduce(
    (least, rate) =>
      rate === undefined ? least : least === undefined ? rate : Math.min(least, rate),
    undefined,
  )
}
