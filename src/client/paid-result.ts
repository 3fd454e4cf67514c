import { costUsdOf } from '../core/price.ts'
import { tokensOf } from '../core/run-report.ts'
import type { RunResult } from '../core/run-report.ts'
import { readJournalUsage } from '../storage/journal/read-journal-usage.ts'
import type { Store } from '../storage/store.ts'

/**
 * The result of a run with all that it paid: where there is no dataset, answers were paid that no batch has counted.
 */
export async function toPaidResult(
  store: Store,
  pipeline: string,
  result: RunResult,
): Promise<RunResult> {
  if (result.dataset !== null) return result
  try {
    const usage = (await readJournalUsage(store, pipeline)).get(result.runId)
    if (usage === undefined) return result
    return { ...result, calls: usage.calls, tokens: tokensOf(usage), costUsd: costUsdOf(usage) }
  } catch {
    // A store that is away is no reason to keep the end of a run from the user.
    return result
  }
}
