import { readJournalUsage } from '../journal/read-journal-usage.ts'
import type { Store } from '../store.ts'
import { minus, sumOf } from './amount.ts'
import type { Amount } from './amount.ts'
import type { UsageByBlock } from './ledger.ts'

/** What the journal knows to be paid for a run; `''` for answers that name no block. */
export async function readUsage(
  store: Store,
  run: string,
  pipeline: string,
): Promise<UsageByBlock> {
  const usage = (await readJournalUsage(store, pipeline)).get(run)
  if (usage === undefined) return {}
  const blocks = [...usage.budgetBlocks].map(([id, part]) => [id, toAmount(part)] as const)
  const unnamed = minus(toAmount(usage), sumOf(blocks.map(([, amount]) => amount)))
  return { ...Object.fromEntries(blocks), ...(unnamed.tokens > 0 ? { '': unnamed } : {}) }
}

interface PaidTokens {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costNanoUsd: number
}

function toAmount({ inputTokens, outputTokens, costNanoUsd }: PaidTokens): Amount {
  return { nanoUsd: costNanoUsd, tokens: inputTokens + outputTokens }
}
