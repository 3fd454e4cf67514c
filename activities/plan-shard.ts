import type { PlanRows } from '../src/storage/plan-rows.ts'
import { readChunkHeader } from '../src/storage/chunk.ts'
import type { Store } from '../src/storage/store.ts'
import { addFigures, noFigures } from '../src/core/run-report.ts'
import type { ShardSummary } from './activities.ts'
import { toOutcome } from './run-batch.ts'
import { chunkKeys, storedChunkKeys } from './step-chunks.ts'

const readsAtOnce = 32

/** Lists what of a shard the steps of a stage have stored, and reads what each stored chunk counts for. */
export async function planShard(
  store: Store,
  rows: PlanRows,
  stage: number,
  shard: number,
): Promise<ShardSummary> {
  const { plan } = rows
  const { steps = [] } = plan.stages[stage] ?? {}
  const found: { step: number; batch: number; key: string }[] = []
  await Promise.all(
    steps.map(async (step) => {
      const there = await storedChunkKeys(store, plan, step, shard)
      if (there.size === 0) return
      const keys = await chunkKeys(rows, step, shard)
      for (const [batch, key] of keys.entries())
        if (there.has(key)) found.push({ step, batch, key })
    }),
  )
  const stored: number[][] = plan.steps.map(() => [])
  let figures = noFigures
  const waiting = found.values()
  const readNext = async () => {
    for (const { step, batch, key } of waiting) {
      const bytes = await store.get(key)
      if (bytes === undefined) continue
      const { rows: made, ...outcome } = toOutcome(await readChunkHeader(bytes, key), plan.run)
      stored[step]?.push(batch, made)
      figures = addFigures(figures, outcome)
    }
  }
  await Promise.all(Array.from({ length: readsAtOnce }, readNext))
  return { stored, figures }
}
