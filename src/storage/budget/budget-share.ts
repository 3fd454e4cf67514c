import type { ProcessIdentity } from '../process-identity.ts'
import { isSameAmount, isWithin, larger, minus, noAmount, smaller, sumOf, times } from './amount.ts'
import type { Amount } from './amount.ts'
import { capAmount, freeBeside, holdsBack } from './ledger.ts'
import type { Block, Caps, Ledger } from './ledger.ts'

/** A block that holds something back and is older than three of these is taken for a dead worker's. */
export const renewMilliseconds = 5_000

/** What a worker sees when it looks at the ledger. */
export interface LedgerLook {
  /** Worst cases of the calls that wait, the next one first. */
  readonly waiting: readonly Amount[]
  /** Whether no call was made since the last look. */
  readonly isIdle: boolean
  /** What is worth drawing beyond the calls that wait: about what will be spent before the next look. */
  readonly ahead: Amount
  readonly now: number
  isGone(block: Block): boolean
}

/** A ledger as one worker wants it, and whether its next call cannot be made, now or later. */
export interface LedgerChange {
  readonly ledger: Ledger
  readonly isOver: boolean
}

/**
 * What one worker does with a run's budget: what it has spent, what its calls in flight may cost, and the block that
 * it has drawn for both.
 *
 * What it has spent and may spend never exceeds its block, and all blocks never exceed the caps.
 */
export class BudgetShare {
  readonly block: string
  readonly #holder: ProcessIdentity
  #caps: Caps | undefined
  #spent = noAmount
  #reserved = noAmount
  #drawn = noAmount

  constructor(block: string, holder: ProcessIdentity) {
    this.block = block
    this.#holder = holder
  }

  get caps(): Caps | undefined {
    return this.#caps
  }

  get spent(): Amount {
    return this.#spent
  }

  /** Whether calls are in flight. */
  get isInFlight(): boolean {
    return !isSameAmount(this.#reserved, noAmount)
  }

  /** Whether more is drawn than spent, for calls in flight or ahead of others. */
  get hasDrawn(): boolean {
    return this.#caps !== undefined && !isWithin(this.#drawn, this.#spent)
  }

  /** Follows the run's settings; under other caps nothing is drawn until the ledger says so again. */
  setCaps(caps: Caps | undefined): void {
    if (isSameCaps(caps, this.#caps)) return
    this.#caps = caps
    this.#drawn = noAmount
  }

  /** Sets a call's worst case aside; false where the block is too small for it. */
  take(worst: Amount): boolean {
    const reserved = sumOf([this.#reserved, worst])
    if (this.#caps !== undefined && !isWithin(sumOf([this.#spent, reserved]), this.#limit()))
      return false
    this.#reserved = reserved
    return true
  }

  /** Takes a call's worst case back, and notes what it did cost. */
  settle(worst: Amount, used: Amount): void {
    this.#reserved = minus(this.#reserved, worst)
    this.#spent = sumOf([this.#spent, used])
  }

  /**
   * The ledger with a block of this worker's that fits it: it holds what was spent and is in flight, and more for
   * calls to come as long as nobody else waits for it.
   *
   * Until {@link adopt} tells that this ledger is stored, no more is spent than both allow.
   */
  change(ledger: Ledger, caps: Caps, look: LedgerLook): LedgerChange {
    const { [this.block]: own, ...others } = ledger.blocks
    const { [this.block]: _, ...closed } = ledger.closed
    const present: Ledger = { ...ledger, closed }
    const atHand = Object.values(others).filter((block) => !look.isGone(block))
    const base = sumOf([this.#spent, this.#reserved])
    const free = minus(freeBeside(present, this.block, caps), base)
    const [next] = look.waiting
    const isWaiting = next !== undefined && !isWithin(next, free)
    const unused = larger(noAmount, minus(own?.drawn ?? noAmount, base))
    const isWanted = atHand.some((block) => block.isWaiting)
    let extra = noAmount
    if (next !== undefined && !isWaiting) {
      const busy = atHand.filter((block) => block.isWaiting || holdsBack(block)).length
      const share = times(free, 1 / (1 + busy))
      const wish = sumOf([...look.waiting, look.ahead])
      extra = larger(next, smaller(wish, share))
    } else if (next === undefined && !look.isIdle && !isWanted)
      extra = larger(noAmount, smaller(unused, free))
    const drawn = sumOf([base, where(caps, extra)])
    this.#drawn = smaller(own?.drawn ?? noAmount, drawn)
    const isLeftOver = isWaiting && !this.isInFlight && !atHand.some(holdsBack)
    const block: Block = {
      holder: this.#holder,
      drawn,
      spent: this.#spent,
      isWaiting,
      renewedAt: look.now,
    }
    const isTelling = next !== undefined || look.isIdle || isWanted
    if (own !== undefined && isSameCaps(ledger.caps, caps) && isCurrent(own, block, isTelling))
      return { ledger, isOver: isLeftOver }
    return {
      ledger: { ...present, caps, blocks: { ...others, [this.block]: block } },
      isOver: isLeftOver,
    }
  }

  /** Spends from the block as it is stored. */
  adopt(ledger: Ledger | undefined): void {
    this.#drawn = ledger?.blocks[this.block]?.drawn ?? noAmount
  }

  /** What may be spent: what is drawn where there is a cap, anything elsewhere. */
  #limit(): Amount {
    const { nanoUsd, tokens } = this.#caps ?? { nanoUsd: null, tokens: null }
    return {
      nanoUsd: nanoUsd === null ? Number.POSITIVE_INFINITY : this.#drawn.nanoUsd,
      tokens: tokens === null ? Number.POSITIVE_INFINITY : this.#drawn.tokens,
    }
  }
}

/** Whether a block says what another one would say, so that writing it is not worth it. */
function isCurrent(stored: Block, block: Block, isTelling: boolean): boolean {
  return (
    isSameAmount(stored.drawn, block.drawn) &&
    stored.isWaiting === block.isWaiting &&
    (!isTelling || isSameAmount(stored.spent, block.spent)) &&
    (!holdsBack(block) || block.renewedAt - stored.renewedAt < renewMilliseconds)
  )
}

function isSameCaps(a: Caps | undefined, b: Caps | undefined): boolean {
  return a?.nanoUsd === b?.nanoUsd && a?.tokens === b?.tokens
}

/** An amount without what there is no cap on. */
function where(caps: Caps, amount: Amount): Amount {
  const { nanoUsd, tokens } = capAmount(caps)
  return {
    nanoUsd: nanoUsd === Number.POSITIVE_INFINITY ? 0 : amount.nanoUsd,
    tokens: tokens === Number.POSITIVE_INFINITY ? 0 : amount.tokens,
  }
}
