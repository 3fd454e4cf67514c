import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { budgetKey } from './ledger.ts'
import type { Ledger } from './ledger.ts'

/** Reads the ledger of a run's budget; `undefined` where nobody has drawn from one. */
export async function readLedger(store: Store, run: string): Promise<Ledger | undefined> {
  const stored = await store.getVersioned(budgetKey(run))
  return stored === undefined ? undefined : parseLedger(stored.bytes, run)
}

/**
 * Changes the ledger of a run's budget, again from what stands there whenever somebody else was faster.
 *
 * @param change - gives the ledger that is to stand there; the one that it was given leaves things as they are
 */
export async function changeLedger(
  store: Store,
  run: string,
  change: (ledger: Ledger | undefined) => Promise<Ledger | undefined> | Ledger | undefined,
): Promise<Ledger | undefined> {
  for (;;) {
    const stored = await store.getVersioned(budgetKey(run))
    const before = stored === undefined ? undefined : parseLedger(stored.bytes, run)
    const changed = await change(before)
    if (changed === undefined || changed === before) return before
    const after: Ledger = { ...changed, sequence: (before?.sequence ?? 0) + 1 }
    const bytes = new TextEncoder().encode(JSON.stringify(after))
    if ((await store.compareAndSet(budgetKey(run), bytes, stored?.version)) !== undefined)
      return after
  }
}

function parseLedger(bytes: Uint8Array, run: string): Ledger {
  try {
    // Nobody but this file writes there.
    const ledger = JSON.parse(new TextDecoder().decode(bytes)) as Ledger
    if (ledger.version === 1) return ledger
  } catch {
    // Told below.
  }
  throw new RetortError(
    'store-corrupt',
    `'${budgetKey(run)}' is not what this release of Retort writes there.`,
  )
}
