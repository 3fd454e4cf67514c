/** While nothing is known, only the latest sends count; older ones are forgotten after this long. */
const memoryMs = 5_000
/** So many refusals within so many calls, however slowly they are sent, are no matter of rate. */
const randomRefusals = 5
const randomCalls = 16
/** How much a rate is lowered that is about right. */
const yielded = 0.9
const lessened = 0.8
/** A rate of which less than this part gets through is wrong. */
const farOff = 0.6
/** Fewer calls and a shorter stretch than this tell nothing. */
const fewestCalls = 8
const shortestMs = 500
/** So many calls that got through make a measurement; fewer only bound it. */
const measuringCalls = 10
/** Growth a second after a refusal, and the factor a second once it has been calm for a while. */
const probeGrowth = 0.01
const calmMs = 1_000
const calmGrowth = 1.5
/** A rate that has grown so far without a refusal limits nothing any more. */
const outgrown = 8
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
 * between, is the rate that it permits: the first is a guess, and each later refusal corrects it. In
 * between it is probed upward, soon quickly: others may have taken a part, and given it back. Where
 * refusals go on however slowly calls are sent they are random, and nothing is learned for a while.
 */
export class LearnedRate {
  #isKnown = false
  /** Whether it has not been corrected by what a second refusal measured. */
  #isGuess = false
  /** The same rate a millisecond as others were taught it. */
  #others: number | undefined
  #perMs = 0
  #grownMs = 0
  #stretch = emptyStretch(0, Number.NEGATIVE_INFINITY)
  #before: Stretch | undefined
  #refusal: Refusal | undefined
  #paced = 0
  #refusedAt: readonly number[] = []
  #idleMs = 0
  #seenAt = Number.NEGATIVE_INFINITY
  #truceUntil = Number.NEGATIVE_INFINITY
  #truceMs = firstTruceMs

  /** Requests a minute, with what is added to probe. */
  get perMinute(): number | undefined {
    return !this.#isKnown ? undefined : this.#current * 60_000
  }

  /** Requests a minute, also where a pause at which they are learned is not over yet. */
  get estimate(): number | undefined {
    const { perMinute } = this
    if (perMinute !== undefined || this.#refusal === undefined) return perMinute
    return this.#refusal.stretch.sent < fewestCalls ? undefined : toGuess(this.#refusal) * 60_000
  }

  /** Goes on as if it had been sent so many times as much all along. */
  scale(factor: number): void {
    this.#perMs *= factor
    for (const stretch of [this.#stretch, this.#before, this.#refusal?.stretch]) {
      if (stretch === undefined) continue
      stretch.sent *= factor
      stretch.refused *= factor
    }
  }

  /**
   * Takes note of the requests a minute that others were taught; goes on with them where it knows nothing itself, or
   * guessed less. Says whether it does.
   */
  hear(perMinute: number | undefined, now: number): boolean {
    this.#others = perMinute === undefined ? undefined : perMinute / 60_000
    if (this.#others === undefined || this.#refusal !== undefined || now < this.#truceUntil)
      return false
    if (this.#isKnown && !(this.#isGuess && this.#others > this.#current)) return false
    // Who has sent nothing yet takes the bucket for emptied by the others.
    if (this.#stretch.sent === 0) this.#stretch.since = now
    this.#isKnown = true
    this.#isGuess = true
    this.#seenAt = now
    this.#perMs = this.#others
    this.#grownMs = 0
    this.#idleMs = 0
    return true
  }

  /**
   * Lets time pass, in a part of which fewer calls came than the rate would have let through; where a pause ended at
   * which something was learned, tells how many calls may start at once.
   *
   * @param waiting - calls that have yet to start
   */
  advance(now: number, idleMs: number, waiting: number): number | undefined {
    if (this.#refusal !== undefined) return this.#resume(this.#refusal, now, waiting)
    const passed = Math.max(0, now - this.#seenAt)
    this.#seenAt = now
    if (!this.#isKnown) return undefined
    this.#idleMs += Math.min(idleMs, passed)
    this.#grownMs += Math.max(0, passed - idleMs)
    if (this.#growth > outgrown) this.#forget()
    return undefined
  }

  #resume(refusal: Refusal, now: number, waiting: number): number | undefined {
    const { resumesAt, emptyAt } = refusal
    if (now < resumesAt) return undefined
    this.#learn(refusal, now)
    this.#seenAt = now
    if (!this.#isKnown) return undefined
    // Where the pause refilled the provider's bucket for all that are left, there is nothing to pace.
    const refilled = this.#perMs * (resumesAt - emptyAt)
    return waiting <= refilled ? Math.max(1, waiting) : 1
  }

  /** Takes note of a call that starts; returns the stretch that it belongs to. */
  started(now: number): number {
    if (!this.#isKnown && now - this.#stretch.since > memoryMs) {
      this.#before = this.#stretch
      this.#stretch = emptyStretch(this.#stretch.id, now)
    }
    this.#stretch.sent += 1
    this.#paced += 1
    return this.#stretch.id
  }

  /** Takes note of a refusal that names a time. */
  refused(stretch: number, startedAt: number, retryAfterMs: number, now: number): void {
    const resumesAt = now + retryAfterMs
    if (stretch === this.#stretch.id) {
      this.#refusal = { stretch: this.#stretch, emptyAt: startedAt, resumesAt }
      this.#stretch = emptyStretch(stretch + 1, startedAt)
    }
    const refusal = this.#refusal
    if (refusal?.stretch.id !== stretch) return
    refusal.stretch.refused += 1
    refusal.emptyAt = Math.max(refusal.emptyAt, startedAt)
    refusal.resumesAt = Math.max(refusal.resumesAt, resumesAt)
  }

  #learn(refusal: Refusal, now: number): void {
    const { stretch, emptyAt } = refusal
    this.#refusal = undefined
    this.#stretch.since = emptyAt
    const before = this.#before
    this.#before = undefined
    if (now < this.#truceUntil) return
    const isFirst = !this.#isKnown
    if (isFirst && before !== undefined) prepend(before, stretch)
    if (isFirst ? stretch.sent < fewestCalls : emptyAt - stretch.since < shortestMs) {
      prepend(stretch, this.#stretch)
      this.#perMs = this.#current * lessened
    } else if (isFirst) this.#guess(toGuess(refusal))
    else this.#measure(stretch, emptyAt)
    if (isFirst && this.#others !== undefined) this.#guess(this.#others)
    this.#grownMs = 0
    this.#idleMs = 0
  }

  /** Of several guesses the highest is right: what was let through is the least that is permitted. */
  #guess(perMs: number): void {
    this.#perMs = this.#isKnown ? Math.max(this.#perMs, perMs) : perMs
    this.#isKnown = true
    this.#isGuess = true
  }

  #measure({ since, sent, refused }: Stretch, emptyAt: number): void {
    this.#isGuess = false
    const elapsedMs = emptyAt - since
    const admitted = sent - refused
    const measured = admitted / elapsedMs
    if (this.#idleMs > elapsedMs / 10) {
      this.#perMs = Math.max(measured, this.#current * lessened)
      return
    }
    this.#refusedAt = [...this.#refusedAt.slice(1 - randomRefusals), this.#paced]
    const first = this.#refusedAt.length < randomRefusals ? undefined : this.#refusedAt[0]
    if (first !== undefined && this.#paced - first <= randomCalls)
      return this.#declareTruce(emptyAt)
    const current = this.#current
    if (measured > farOff * current) this.#perMs = yielded * current
    else this.#perMs = admitted < measuringCalls ? Math.max(measured, current * lessened) : measured
  }

  #declareTruce(now: number): void {
    this.#forget()
    this.#truceUntil = now + this.#truceMs
    this.#truceMs = Math.min(2 * this.#truceMs, longestTruceMs)
  }

  #forget(): void {
    this.#isKnown = false
    this.#refusedAt = []
    this.#before = undefined
  }

  get #current(): number {
    return this.#perMs * this.#growth
  }

  get #growth(): number {
    const calm = Math.max(0, this.#grownMs - calmMs) / 1000
    return (1 + (probeGrowth * this.#grownMs) / 1000) * calmGrowth ** calm
  }
}

/** How full the provider's bucket was before is unknown: what it let through may have been all for that time and the pause. */
function toGuess({ stretch: { since, sent, refused }, emptyAt, resumesAt }: Refusal): number {
  const pauseMs = Math.min(Math.max(1, resumesAt - emptyAt), longestPauseMs)
  return Math.max(1, sent - refused, sent / 3) / (emptyAt - since + pauseMs)
}

function emptyStretch(id: number, since: number): Stretch {
  return { id, since, sent: 0, refused: 0 }
}

function prepend(earlier: Stretch, later: Stretch): void {
  if (earlier.sent === 0) return
  later.since = earlier.since
  later.sent += earlier.sent
  later.refused += earlier.refused
}
