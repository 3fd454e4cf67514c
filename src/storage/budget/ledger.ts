import type { Budget } from '../../core/run-settings.ts'
import { toNanoUsd } from '../../core/price.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import { isWithin, larger, minus, noAmount, sumOf } from './amount.ts'
import type { Amount } from './amount.ts'

/** Who has what of a run's budget; stored as `runs/<run>/budget`. */
export interface Ledger {
  readonly version: 1
  /** Grows with each change, so that no two ledgers are equal. */
  readonly sequence: number
  /** What the run may spend in all; `null` is unbounded. */
  readonly caps: Caps
  /** Blocks whose holders are gone, by what was paid from them. */
  readonly closed: Readonly<Record<string, Amount>>
  /** What workers have drawn. */
  readonly blocks: Readonly<Record<string, Block>>
}

/** The most that a run may spend. */
export interface Caps {
  readonly nanoUsd: number | null
  readonly tokens: number | null
}

/** What one worker has drawn from a run's budget. */
export interface Block {
  readonly holder: ProcessIdentity
  /** What it may spend; counts in full against the caps. */
  readonly drawn: Amount
  /** What it had spent when it last said so. */
  readonly spent: Amount
  /** Whether a call waits there that fits into nothing. */
  readonly isWaiting: boolean
  /** Milliseconds since 1970. */
  readonly renewedAt: number
}

/** What was paid for a run so far by the block that each answer names; `''` for answers that name none. */
export type UsageByBlock = Readonly<Record<string, Amount>>

/** Where the ledger of a run's budget is stored. */
export function budgetKey(run: string): string {
  return `runs/${run}/budget`
}

/** A budget's caps; `undefined` where it bounds nothing. */
export function capsOf(budget: Budget | undefined): Caps | undefined {
  const { usd, tokens } = budget ?? {}
  if (usd === undefined && tokens === undefined) return undefined
  return { nanoUsd: usd === undefined ? null : toNanoUsd(usd), tokens: tokens ?? null }
}

/** Caps as an amount, infinite where there is no cap. */
export function capAmount({ nanoUsd, tokens }: Caps): Amount {
  return {
    nanoUsd: nanoUsd ?? Number.POSITIVE_INFINITY,
    tokens: tokens ?? Number.POSITIVE_INFINITY,
  }
}

/** A ledger of a run of which nobody has drawn anything. */
export function openLedger(caps: Caps): Ledger {
  return { version: 1, sequence: 0, caps, closed: {}, blocks: {} }
}

/** What may still be drawn by a holder who gives back all that it has not spent: below 0 where too much was spent. */
export function freeBeside(ledger: Ledger, block: string, caps: Caps): Amount {
  const others = Object.entries(ledger.blocks).filter(([id]) => id !== block)
  return minus(
    capAmount(caps),
    sumOf([...Object.values(ledger.closed), ...others.map(([, { drawn }]) => drawn)]),
  )
}

/** What is known to be spent, where what a block holds back counts as spent only if its holder is gone. */
export function spentOf(ledger: Ledger, isGone: (block: Block) => boolean): Amount {
  return sumOf([
    ...Object.values(ledger.closed),
    ...Object.values(ledger.blocks).map((block) => (isGone(block) ? block.drawn : block.spent)),
  ])
}

/** What blocks hold back whose holders are gone. */
export function heldBackBy(ledger: Ledger, isGone: (block: Block) => boolean): Amount {
  const gone = Object.values(ledger.blocks).filter(isGone)
  return sumOf(gone.map(({ drawn, spent }) => minus(drawn, spent)))
}

/** Whether a block holds more than was spent from it: for calls in flight, or to be put back. */
export function holdsBack({ drawn, spent }: Block): boolean {
  return !isWithin(drawn, spent)
}

/**
 * Takes what is known of answers into account: of blocks whose holders are gone, and of answers that were paid while
 * the run had no budget.
 *
 * @param isGone - whether a block's holder is no more; what it held back is free again, but for what was paid from it
 */
export function closeBlocks(
  ledger: Ledger,
  usage: UsageByBlock,
  isGone: (block: Block) => boolean,
): Ledger {
  const blocks = Object.entries(ledger.blocks)
  const left = blocks.filter(([, block]) => isGone(block))
  const blocksHeld = Object.fromEntries(blocks.filter(([, block]) => !isGone(block)))
  const closed: Record<string, Amount> = { ...ledger.closed }
  for (const [id, { spent }] of left) closed[id] = spent
  for (const [id, amount] of Object.entries(usage))
    if (blocksHeld[id] === undefined) closed[id] = larger(closed[id] ?? noAmount, amount)
  return { ...ledger, closed, blocks: blocksHeld }
}
