import { chunkFolder } from '../src/core/chunk-keys.ts'
import { countBatches } from '../src/core/range.ts'
import { readChunkHeader } from '../src/storage/chunk.ts'
import type { Store } from '../src/storage/store.ts'
import { addFigures, noFigures } from '../src/core/run-report.ts'
import type { ShardSummary } from './activities.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import { toOutcome } from './run-batch.ts'

const readsAtOnce = 32

/** Lists what of a shard is stored, and reads what each stored chunk counts for. */
export async function planShard(
  store: Store,
  loaded: LoadedPlan,
  run: string,
  shard: number,
): Promise<ShardSummary> {
  const { plan } = loaded
  const keys = await loaded.keys(shard)
  const found: { step: number; batch: number; key: string }[] = []
  await Promise.all(
    plan.steps.map(async ({ batchSize }, step) => {
      if (step === plan.source.step) return
      const there = new Set<string>()
      for await (const { key } of store.list(chunkFolder(plan, step, shard))) there.add(key)
      if (there.size === 0) return
      for (let batch = 0; batch < countBatches(keys.shard, batchSize); batch++) {
        const key = keys.chunkKey(step, batch)
        if (there.has(key)) found.push({ step, batch, key })
      }
    }),
  )
  const stored: number[][] = plan.steps.map(() => [])
  let figures = noFigures
  const waiting = found.values()
  const readNext = async () => {
    for (const { step, batch, key } of waiting) {
      const bytes = await store.get(key)
      if (bytes === undefined) continue
      const { rows, ...outcome } = toOutcome(await readChunkHeader(bytes, key), run)
      stored[step]?.push(batch, rows)
      figures = addFigures(figures, outcome)
    }
  }
  await Promise.all(Array.from({ length: readsAtOnce }, readNext))
  return { stored, figures }
}
