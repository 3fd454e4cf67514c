import { hasEnded } from '../process-identity.ts'
import type { Store } from '../store.ts'
import { renewMilliseconds } from './budget-share.ts'
import { changeLedger } from './ledger-store.ts'
import { closeBlocks, holdsBack } from './ledger.ts'
import type { Block, Ledger, UsageByBlock } from './ledger.ts'

const silenceMilliseconds = 3 * renewMilliseconds

/** Whether a block's holder is no more: its process has ended, or it has been silent for long. */
export function isGone({ holder, renewedAt }: Block, now: number): boolean {
  return hasEnded(holder) === true || now - renewedAt > silenceMilliseconds
}

/**
 * Brings the ledger of a run's budget up to date before an execution begins; there may be none, and then none is made.
 *
 * Blocks that were put back by workers that are gone are closed. One that still holds something back counts in full: calls
 * that were in flight may have been paid, although nobody got their answers.
 */
export async function rebuildBudget(
  store: Store,
  run: string,
  usage: () => Promise<UsageByBlock>,
  now: number = Date.now(),
): Promise<Ledger | undefined> {
  return await changeLedger(store, run, async (ledger) =>
    ledger === undefined
      ? undefined
      : closeBlocks(ledger, await usage(), (block) => isGone(block, now) && !holdsBack(block)),
  )
}
