import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { addRunUsage, fromSegmentUsage, type RunUsage, type UsageTally } from './journal-usage.ts'
import { describe, listJournal } from './list-journal.ts'

const listingsBorne = 10

/**
 * Sums up what the answers of a pipeline's journal cost, by the run that paid them.
 *
 * Reads footers, never answers. Each segment counts once, in however many files it stands.
 */
export async function readJournalUsage(
  store: Store,
  pipeline: string,
): Promise<ReadonlyMap<string, RunUsage>> {
  for (let left = listingsBorne; left > 0; left -= 1) {
    const { files, loose } = await listJournal(store, pipeline)
    const segments = await describe(store, loose)
    if (segments === undefined) continue
    const counted = new Set<string>()
    const tally: UsageTally = new Map()
    for (const { footer } of [...files, ...segments])
      for (const { name, usage } of footer.segments) {
        if (counted.has(name)) continue
        counted.add(name)
        for (const [run, more] of fromSegmentUsage(usage)) addRunUsage(tally, run, more)
      }
    return tally
  }
  throw new RetortError(
    'store-unavailable',
    `Store '${store.uri}' lists segments of the journal that it does not have.`,
  )
}
