/** While nothing is known, only the latest sends count; older ones are forgotten after this long. */
const memoryMs = 5_000
/** A guess is raised by so much a second until the provider refuses again. */
const guessGrowth = 1.25
const probeGrowth = 0.01
const calmMs = 10_000
const calmGrowth = 1.15
/** How many calls of either kind it takes to see an order in them. */
const fewestToOrder = 4
const sortedFrom = 0.7
const mixedBelow = 0.4
/** So many times in a row ends a truce. */
const sortedTimes = 2
/** Fewer calls and a shorter stretch than this tell nothing. */
const fewestCalls = 8
const shortestMs = 500
const lessened = 0.8
/** How much more gets through at twice the rate where refusals are random. */
const carries = 1.4
/** A rate that has grown so far without a refusal limits nothing any more. */
const outgrown = 8
/** Refusals so soon after a pause, at a measured rate, are no matter of rate. */
const soonMs = 1_000
const soonTimes = 4
const longestPauseMs = 60_000
const firstTruceMs = 30_000
const longestTruceMs = 600_000

/** A stretch of sending that ends with a refusal, which says that the provider's bucket is empty. */
interface Stretch {
  readonly id: number
  /** When the bucket was last known to be empty; in the beginning, when the first call started. */
  since: number
  sent: number
  refused: number
  /** Sum of the places in the order of sending that refused calls had. */
  refusedPlaces: number
}

/** A call's place in a stretch. */
export interface Place {
  readonly stretch: number
  readonly index: number
}

/** A refusal whose pause is not over yet. */
interface Refusal {
  readonly stretch: Stretch
  /** When the latest refused call was sent. */
  emptyAt: number
  resumesAt: number
}

/**
 * The rate of requests that a provider's refusals teach.
 *
 * What was let through between two moments at which its bucket was empty, divided by the time
 * between, is the rate that it permits. It is probed upward until the next refusal. Where refusals
 * go on however slowly calls are sent, they are random: nothing is learned from them for a while.
 */
export class LearnedRate {
  #kind: 'none' | 'guess' | 'measured' = 'none'
  #perMs = 0
  #grownMs = 0
  #stretch: Stretch = emptyStretch(0, Number.NEGATIVE_INFINITY)
  #before: Stretch | undefined
  #refusal: Refusal | undefined
  #resumedAt = Number.NEGATIVE_INFINITY
  #soon = 0
  #idleMs = 0
  #seenAt = Number.NEGATIVE_INFINITY
  #truceUntil = Number.NEGATIVE_INFINITY
  #truceMs = firstTruceMs
  #sorted = 0
  #best = 0
  #trialOf = 0

  /** Requests a minute, with what is added to probe. */
  get perMinute(): number | undefined {
    return this.#kind === 'none' ? undefined : this.#current * 60_000
  }

  get isMeasured(): boolean {
    return this.#kind === 'measured'
  }

  /**
   * Lets time pass, in a part of which fewer calls came than the rate would have let through; says
   * whether a pause ended at which something was learned.
   */
  advance(now: number, idleMs: number): boolean {
    if (this.#refusal !== undefined) {
      if (now < this.#refusal.resumesAt) return false
      this.#learn(this.#refusal, now)
      this.#resumedAt = now
      this.#seenAt = now
      return this.#kind !== 'none'
    }
    const passed = Math.max(0, now - this.#seenAt)
    this.#seenAt = now
    if (this.#kind === 'none') return false
    this.#idleMs += Math.min(idleMs, passed)
    this.#grownMs += Math.max(0, passed - idleMs)
    if (this.#growth > outgrown) {
      this.#forget()
      this.#truceMs = firstTruceMs
    }
    return false
  }

  /** Takes note of a call that starts. */
  started(now: number): Place {
    if (this.#kind === 'none' && now - this.#stretch.since > memoryMs) {
      this.#before = this.#stretch
      this.#stretch = emptyStretch(this.#stretch.id, now)
    }
    return { stretch: this.#stretch.id, index: this.#stretch.sent++ }
  }

  /** Takes note of a refusal that names a time. */
  refused({ stretch, index }: Place, startedAt: number, retryAfterMs: number, now: number): void {
    const resumesAt = now + retryAfterMs
    if (stretch === this.#stretch.id) {
      this.#refusal = { stretch: this.#stretch, emptyAt: startedAt, resumesAt }
      this.#stretch = emptyStretch(stretch + 1, startedAt)
    }
    const refusal = this.#refusal
    if (refusal?.stretch.id !== stretch) return
    refusal.stretch.refused += 1
    refusal.stretch.refusedPlaces += index
    refusal.emptyAt = Math.max(refusal.emptyAt, startedAt)
    refusal.resumesAt = Math.max(refusal.resumesAt, resumesAt)
  }

  #learn({ stretch, emptyAt, resumesAt }: Refusal, now: number): void {
    this.#refusal = undefined
    this.#stretch.since = emptyAt
    const order = orderOf(stretch)
    this.#sorted = order === 'sorted' ? this.#sorted + 1 : 0
    const before = this.#before
    this.#before = undefined
    if (now < this.#truceUntil && this.#sorted < sortedTimes) return
    this.#truceUntil = now
    if (order === 'mixed') return this.#declareTruce(now)
    const isGuess = this.#kind === 'none'
    if (isGuess && before !== undefined) prepend(before, stretch)
    if (isGuess ? stretch.sent < fewestCalls : emptyAt - stretch.since < shortestMs) {
      prepend(stretch, this.#stretch)
      this.#perMs = this.#current * lessened
    } else if (isGuess) this.#guess(stretch, emptyAt, resumesAt)
    else this.#measure(stretch, emptyAt)
    this.#grownMs = 0
    this.#idleMs = 0
  }

  /** How full the provider's bucket was before is unknown: what it let through may have been all for that time and the pause. */
  #guess({ since, sent, refused }: Stretch, emptyAt: number, resumesAt: number): void {
    const pauseMs = Math.min(Math.max(1, resumesAt - emptyAt), longestPauseMs)
    this.#kind = 'guess'
    this.#perMs = Math.max(1, sent - refused, sent / 3) / (emptyAt - since + pauseMs)
  }

  #measure({ since, sent, refused }: Stretch, emptyAt: number): void {
    const elapsedMs = emptyAt - since
    const before = this.#current
    const measured = (sent - refused) / elapsedMs
    if (this.#idleMs > elapsedMs / 10) {
      this.#perMs = Math.max(measured, before * lessened)
      return
    }
    const isSoon = this.#kind === 'measured' && emptyAt - this.#resumedAt < soonMs
    this.#soon = isSoon ? this.#soon + 1 : 0
    const isRandom =
      this.#soon >= soonTimes || (this.#trialOf > 0 && measured > this.#trialOf * carries)
    if (isRandom) return this.#declareTruce(emptyAt)
    this.#kind = 'measured'
    this.#perMs = Math.max(measured, before / 2)
    this.#best = this.#trialOf > 0 ? measured : Math.max(this.#best, measured)
    this.#trialOf = 0
    if (isSoon || measured >= this.#best / 2) return
    // Where refusals are random, sending faster gets more through; where they mark a limit, it does not.
    this.#perMs = this.#best
    this.#trialOf = measured
  }

  #declareTruce(now: number): void {
    this.#forget()
    this.#truceUntil = now + this.#truceMs
    this.#truceMs = Math.min(2 * this.#truceMs, longestTruceMs)
  }

  #forget(): void {
    this.#kind = 'none'
    this.#soon = 0
    this.#best = 0
    this.#trialOf = 0
    this.#before = undefined
  }

  get #current(): number {
    return this.#perMs * this.#growth
  }

  get #growth(): number {
    if (this.#kind === 'guess') return guessGrowth ** (this.#grownMs / 1000)
    const calm = Math.max(0, this.#grownMs - calmMs) / 1000
    return (1 + (probeGrowth * this.#grownMs) / 1000) * calmGrowth ** calm
  }
}

function emptyStretch(id: number, since: number): Stretch {
  return { id, since, sent: 0, refused: 0, refusedPlaces: 0 }
}

function prepend(earlier: Stretch, later: Stretch): void {
  if (earlier.sent === 0) return
  later.refusedPlaces += later.refused * earlier.sent + earlier.refusedPlaces
  later.since = earlier.since
  later.sent += earlier.sent
  later.refused += earlier.refused
}

/** A limit lets the first calls of a stretch through and refuses the last; chance mixes them. */
function orderOf({ sent, refused, refusedPlaces }: Stretch): 'sorted' | 'mixed' | 'unclear' {
  const admitted = sent - refused
  if (refused < fewestToOrder || admitted < fewestToOrder) return 'unclear'
  const allPlaces = (sent * (sent - 1)) / 2
  const distance = refusedPlaces / refused - (allPlaces - refusedPlaces) / admitted
  // 0 where they are mixed, 1 where all that were refused come last.
  const order = (2 * distance) / sent
  return order > sortedFrom ? 'sorted' : order < mixedBelow ? 'mixed' : 'unclear'
}
