import type { Plan } from '../src/core/plan.ts'
import type { Figures } from '../src/core/run-report.ts'
import { readJournalUsage } from '../src/storage/journal/read-journal-usage.ts'
import type { Store } from '../src/storage/store.ts'

/**
 * The figures of a run that made its rows in waves, with what it paid for in earlier waves alone: rows that a later one
 * leaves out, since they stand in another order there.
 */
export async function addPaid(store: Store, plan: Plan, figures: Figures): Promise<Figures> {
  const usage = (await readJournalUsage(store, plan.spec.name)).get(plan.run)
  if (usage === undefined || usage.calls <= figures.calls) return figures
  const { calls, inputTokens, outputTokens, costNanoUsd, unpricedCalls } = usage
  return { ...figures, calls, inputTokens, outputTokens, costNanoUsd, unpricedCalls }
}
