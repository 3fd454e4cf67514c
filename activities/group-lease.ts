import { isUntold, limitNames } from '../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, Share } from '../src/core/lease.ts'

/** What a lease needs of a limiter. */
export interface SharedLimiter {
  readonly group: string
  /** Lets the limiter use so much; `undefined`: nothing yet. */
  setShare(share: Share | undefined): void
  demand(): { readonly inFlight: number; readonly waiting: number }
  told(): Share
}

/** How a lease reaches the limit group. */
export interface LeaseRequests {
  now(): number
  /** A name for the holder that nothing had before. */
  name(): string
  hasEnded(holder: string): boolean
  request(group: string, request: LeaseRequest): Promise<LeaseAnswer>
  giveBack(group: string, holder: string): Promise<void>
  /** Told once when calls have waited for long because of an error. */
  onTrouble(group: string, error: unknown): void
}

const renewMilliseconds = 2_000
/** The same while there are others to divide with, and the longest wait after a failure. */
const soonMilliseconds = 1_000
const firstRetryMilliseconds = 250
const idleMilliseconds = 10_000
/** How much earlier than the limit group this side takes a lease to be over. */
const slackMilliseconds = 500
/** Later than that its batches are others': their heartbeats have timed out. */
const longestOutage = 60_000
/** Failed requests after which calls that wait are worth a word. */
const failuresToTell = 5
/** A look that comes so late was held up, and so were the renewals: the process was frozen. */
const frozenMilliseconds = 2_000

const untold: Share = { maxConcurrency: null, requestsPerMinute: null, tokensPerMinute: null }

/** What this process holds. */
interface Held {
  readonly share: Share
  readonly told: Share
  readonly others: readonly string[]
  readonly askedAt: number
  readonly until: number
  /** Whether it is less than before: nobody else gets the rest until this side said that it keeps to it. */
  readonly isLess: boolean
}

/** This process's part of one limit group: asks for it when it is needed, renews it, and gives it back. */
export class GroupLease {
  readonly #limiter: SharedLimiter
  readonly #requests: LeaseRequests
  #holder: string
  #users = 0
  /** What will be told, before the limiter knows. */
  #expected: Share = untold
  #held: Held | undefined
  /** What the limiter was told to use. */
  #applied: Share | undefined
  #asking: Promise<void> | undefined
  /** Whether the limit group may know this holder. */
  #isIntroduced = false
  #triedAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #usedAt: number
  #lookedAt: number
  #isWanted = false

  constructor(limiter: SharedLimiter, requests: LeaseRequests) {
    this.#limiter = limiter
    this.#requests = requests
    this.#holder = requests.name()
    this.#usedAt = this.#lookedAt = requests.now()
  }

  /** Whether it has to be looked after. */
  get isWanted(): boolean {
    return this.#isWanted
  }

  /** Gets a share as soon as there is one, ahead of its first use. */
  expect(told: Share): void {
    this.#expected = told
    this.#want()
  }

  /** Keeps the share until the returned function is called, and some time longer. */
  use(): () => void {
    this.#users++
    this.#want()
    return () => {
      this.#users--
      this.#usedAt = this.#requests.now()
    }
  }

  #want(): void {
    this.#usedAt = this.#requests.now()
    if (!this.#isWanted) this.#lookedAt = this.#usedAt
    this.#isWanted = true
    this.look()
  }

  /** Does what is due; to be called again and again while it is wanted. */
  look(): void {
    const now = this.#requests.now()
    if (now - this.#lookedAt > frozenMilliseconds) this.#failures = 0
    this.#lookedAt = now
    const { inFlight, waiting } = this.#limiter.demand()
    if (this.#users > 0 || inFlight > 0 || waiting > 0) this.#usedAt = now
    const told = this.#told()
    if (isUntold(told)) {
      // Each process finds for itself what it may do, as it would alone.
      void this.#giveBack()
      this.#apply(untold)
      this.#isWanted = this.#users > 0
      return
    }
    if (now - this.#usedAt > idleMilliseconds && this.#asking === undefined) {
      void this.#giveBack()
      this.#apply(undefined)
      this.#isWanted = false
      return
    }
    if (!this.#isHeld(now)) {
      this.#held = undefined
      this.#apply(undefined)
    }
    if (this.#asking === undefined && now >= this.#dueAt(told, inFlight))
      this.#asking = this.#ask(told).finally(() => (this.#asking = undefined))
  }

  /** Ends it, so that others may have the share at once. */
  async close(): Promise<void> {
    this.#isWanted = false
    await this.#giveBack()
  }

  #apply(share: Share | undefined): void {
    if (share === this.#applied) return
    this.#applied = share
    this.#limiter.setShare(share)
  }

  #told(): Share {
    const told = this.#limiter.told()
    return isUntold(told) ? this.#expected : told
  }

  /** Who cannot reach the limit group keeps what it had: nobody gets any of it meanwhile. */
  #isHeld(now: number): boolean {
    if (this.#held === undefined) return false
    return (
      now < this.#held.until || (this.#failures > 0 && now < this.#held.askedAt + longestOutage)
    )
  }

  #dueAt(told: Share, inFlight: number): number {
    if (this.#failures > 0)
      return (
        this.#triedAt + Math.min(soonMilliseconds, firstRetryMilliseconds * 2 ** this.#failures)
      )
    if (this.#held === undefined) return Number.NEGATIVE_INFINITY
    const { askedAt, share, others, isLess } = this.#held
    const keepsToLess = isLess && inFlight <= (share.maxConcurrency ?? inFlight)
    const isOther = limitNames.some((name) => told[name] !== this.#held?.told[name])
    if (keepsToLess || isOther) return Number.NEGATIVE_INFINITY
    return askedAt + (others.length > 0 ? soonMilliseconds : renewMilliseconds)
  }

  async #ask(told: Share, gone: readonly string[] = []): Promise<void> {
    const askedAt = this.#requests.now()
    this.#triedAt = askedAt
    this.#isIntroduced = true
    const holder = this.#holder
    const holds = this.#held?.share ?? null
    const demand = this.#limiter.demand()
    let answer: LeaseAnswer
    try {
      answer = await this.#requests.request(this.#limiter.group, {
        holder,
        told,
        holds,
        ...demand,
        gone,
      })
    } catch (error) {
      this.#failures++
      if (this.#failures === failuresToTell && this.#applied === undefined)
        this.#requests.onTrouble(this.#limiter.group, error)
      return
    }
    this.#failures = 0
    const { share, others } = answer
    const until = askedAt + answer.milliseconds - slackMilliseconds
    // It was given back meanwhile, or the process was frozen on the way.
    if (holder !== this.#holder || until <= this.#requests.now()) return
    const isLess = limitNames.some((name) => (share[name] ?? 0) < (holds?.[name] ?? 0))
    this.#held = { share, told, others, askedAt, until, isLess }
    this.#apply(share)
    const isWhole = limitNames.every((name) => share[name] === told[name])
    const ended = isWhole ? [] : others.filter((other) => this.#requests.hasEnded(other))
    if (ended.length > 0 && gone.length === 0) await this.#ask(told, ended)
  }

  async #giveBack(): Promise<void> {
    if (!this.#isIntroduced) return
    const holder = this.#holder
    this.#isIntroduced = false
    // What was given back late cannot take away what was granted anew.
    this.#holder = this.#requests.name()
    this.#held = undefined
    this.#failures = 0
    await this.#requests.giveBack(this.#limiter.group, holder).catch(() => {})
  }
}
