import { larger, minus, noAmount, times } from './amount.ts'
import type { Amount } from './amount.ts'

const aheadMilliseconds = 2_000
/** Looks may follow each other at once, and what falls between them says little. */
const shortestMilliseconds = 200

/** How fast a worker spends, so that what it draws lasts for a while and not much longer. */
export class SpendingPace {
  #last: { readonly at: number; readonly spent: Amount } | undefined
  #ahead = noAmount

  /** What will be spent in the next two seconds, as far as the time since the last look tells. */
  look(now: number, spent: Amount): Amount {
    const { at, spent: before } = this.#last ?? { at: now, spent }
    const elapsed = Math.max(shortestMilliseconds, now - at)
    const present = times(minus(spent, before), aheadMilliseconds / elapsed)
    // Answers may come in bursts, and between two of them nothing is spent.
    this.#ahead = larger(present, times(this.#ahead, 1 / 2))
    this.#last = { at: now, spent }
    return this.#ahead
  }
}
