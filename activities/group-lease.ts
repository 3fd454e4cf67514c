import { isUntold, limitNames } from '../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, Share, Standing } from '../src/core/lease.ts'

/** What a lease needs of a limiter. */
export interface SharedLimiter {
  readonly group: string
  /** Lets the limiter use so much, and tells how it stands in its group; `undefined`: nothing yet. */
  setShare(share: Share | undefined, standing?: Standing): void
  demand(): { readonly inFlight: number; readonly waiting: number }
  told(): Share
  /** Requests a minute that refusals taught it, for the whole group. */
  learned(): number | null
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

/** How long a request waits for news of the group. */
const patienceMilliseconds = 2_000
/** The same while there are others to divide with, and the longest wait after a failure. */
const soonMilliseconds = 1_000
/** How rarely requests follow each other that only renew, or tell of another demand. */
const shortestMilliseconds = 200
/** How much of what it could use its demand has to change to be told at once. */
const notable = 0.1
/** Calls that count as all it could use where no concurrency is told. */
const untoldPlaces = 64
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
  readonly others: readonly string[]
  readonly askedAt: number
  readonly until: number
}

/** What the limit group was told last. */
interface Asked {
  readonly sequence: number
  readonly told: Share
  readonly demand: number
  readonly learned: number | null
  readonly at: number
  /** Whether its answer is still on its way. */
  isOpen: boolean
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
  #asked: Asked | undefined
  #sequence = 0
  /** Whether others wait until this side says that it keeps to less than before. */
  #owesWord = false
  #hasHeard = false
  /** Whether the limit group may know this holder. */
  #isIntroduced = false
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
      this.#apply(untold, { part: 1, learned: null })
      this.#isWanted = this.#users > 0
      return
    }
    if (now - this.#usedAt > idleMilliseconds) {
      void this.#giveBack()
      this.#apply(undefined)
      this.#isWanted = false
      return
    }
    if (this.#held !== undefined && !this.#isHeld(now)) {
      this.#held = undefined
      // What is on its way says that this side holds a share.
      this.#asked = undefined
      this.#apply(undefined)
    }
    if (now >= this.#dueAt(told, inFlight, waiting)) void this.#ask(told)
  }

  /** Ends it, so that others may have the share at once. */
  async close(): Promise<void> {
    this.#isWanted = false
    await this.#giveBack()
  }

  #apply(share: Share | undefined, standing?: Standing): void {
    if (share === this.#applied) return
    this.#applied = share
    this.#limiter.setShare(share, standing)
  }

  #told(): Share {
    const told = this.#limiter.told()
    return isUntold(told) ? this.#expected : told
  }

  /** Who cannot reach the limit group keeps what it had: nobody gets any of it meanwhile. */
  #isHeld(now: number): boolean {
    if (this.#held === undefined) return false
    const { until, askedAt } = this.#held
    return now < until || (this.#failures > 0 && now < askedAt + longestOutage)
  }

  #dueAt(told: Share, inFlight: number, waiting: number): number {
    const asked = this.#asked
    if (asked === undefined) return Number.NEGATIVE_INFINITY
    if (!asked.isOpen && this.#failures > 0)
      return asked.at + Math.min(soonMilliseconds, firstRetryMilliseconds * 2 ** this.#failures)
    const isOther = limitNames.some((name) => told[name] !== asked.told[name])
    if (isOther || (this.#owesWord && this.#keepsTo(inFlight))) return Number.NEGATIVE_INFINITY
    const most = told.maxConcurrency ?? untoldPlaces
    const isNews =
      isNotable(asked.demand, inFlight + waiting, most) ||
      (asked.learned === null && this.#limiter.learned() !== null)
    return asked.isOpen && !isNews ? Number.POSITIVE_INFINITY : asked.at + shortestMilliseconds
  }

  #keepsTo(inFlight: number): boolean {
    return inFlight <= (this.#held?.share.maxConcurrency ?? inFlight)
  }

  async #ask(told: Share, gone: readonly string[] = []): Promise<void> {
    const { inFlight, waiting } = this.#limiter.demand()
    const at = this.#requests.now()
    const asked: Asked = {
      sequence: ++this.#sequence,
      told,
      demand: inFlight + waiting,
      learned: this.#limiter.learned(),
      at,
      isOpen: true,
    }
    this.#asked = asked
    this.#isIntroduced = true
    if (this.#keepsTo(inFlight)) this.#owesWord = false
    const isAlone = this.#held === undefined || this.#held.others.length === 0
    const request: LeaseRequest = {
      holder: this.#holder,
      told,
      holds: this.#held?.share ?? null,
      inFlight,
      waiting,
      learned: asked.learned,
      hasHeard: this.#hasHeard,
      gone,
      sequence: asked.sequence,
      patienceMs: isAlone ? patienceMilliseconds : soonMilliseconds,
    }
    let answer: LeaseAnswer
    try {
      answer = await this.#requests.request(this.#limiter.group, request)
    } catch (error) {
      asked.isOpen = false
      // What was asked since says how it goes on, and so does what was given back.
      if (asked !== this.#asked) return
      this.#failures++
      if (this.#failures === failuresToTell && this.#applied === undefined)
        this.#requests.onTrouble(this.#limiter.group, error)
      return
    }
    asked.isOpen = false
    if (asked === this.#asked) this.#take(answer, request, asked)
  }

  #take(answer: LeaseAnswer, { holds, gone }: LeaseRequest, { told, at }: Asked): void {
    this.#failures = 0
    const { share, others, part, learned } = answer
    const until = at + answer.milliseconds - slackMilliseconds
    // The process was frozen on the way.
    if (until <= this.#requests.now()) return
    if (limitNames.some((name) => (share[name] ?? 0) < (holds?.[name] ?? 0))) this.#owesWord = true
    this.#held = { share, others, askedAt: at, until }
    this.#hasHeard = learned !== null
    this.#apply(share, { part, learned })
    const isWhole = limitNames.every((name) => share[name] === told[name])
    const ended = isWhole ? [] : others.filter((other) => this.#requests.hasEnded(other))
    if (ended.length > 0 && gone.length === 0) void this.#ask(told, ended)
    else this.look()
  }

  async #giveBack(): Promise<void> {
    if (!this.#isIntroduced) return
    const holder = this.#holder
    this.#isIntroduced = false
    // What was given back late cannot take away what was granted anew.
    this.#holder = this.#requests.name()
    this.#held = undefined
    this.#asked = undefined
    this.#owesWord = false
    this.#hasHeard = false
    this.#failures = 0
    await this.#requests.giveBack(this.#limiter.group, holder).catch(() => {})
  }
}

/** Whether a demand has changed by so much of what could be used that others may have more, or should have less. */
function isNotable(before: number, now: number, most: number): boolean {
  const change = Math.abs(Math.min(now, most) - Math.min(before, most))
  return change > most * notable || (now === 0) !== (before === 0)
}
