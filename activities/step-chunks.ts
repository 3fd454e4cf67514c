import { chunkFolder } from '../src/core/chunk-keys.ts'
import type { Plan } from '../src/core/plan.ts'
import { countBatches } from '../src/core/range.ts'
import type { Chunk } from '../src/core/staged-row.ts'
import type { PlanRows } from '../src/storage/plan-rows.ts'
import type { Store } from '../src/storage/store.ts'
import type { Chunks } from './chunks.ts'

/** Chunks that are fetched ahead of the one that is read. */
const chunksAhead = 8

/** A step's chunks of some shards in order, a few fetched ahead. */
export async function* readStepChunks(
  chunks: Chunks,
  rows: PlanRows,
  step: number,
  shards: { readonly from: number; readonly to: number },
): AsyncIterable<Chunk> {
  const keys: string[] = []
  for (let shard = shards.from; shard < shards.to; shard++)
    keys.push(...(await chunkKeys(rows, step, shard)))
  const fetch = (key: string) => {
    const fetching = chunks.require(key)
    // One that is never come to may fail as well, which is nobody's concern by then.
    fetching.catch(() => {})
    return fetching
  }
  const ahead = keys.slice(0, chunksAhead).map(fetch)
  for (const [index] of keys.entries()) {
    const chunk = await ahead.shift()
    const next = keys[index + chunksAhead]
    if (next !== undefined) ahead.push(fetch(next))
    if (chunk !== undefined) yield chunk
  }
}

/** The keys of those of a step's chunks of a shard that are stored. */
export async function storedChunkKeys(
  store: Store,
  plan: Plan,
  step: number,
  shard: number,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for await (const { key } of store.list(chunkFolder(plan, step, shard))) keys.add(key)
  return keys
}

/** The keys of a step's chunks of a shard, in order. */
export async function chunkKeys(rows: PlanRows, step: number, shard: number): Promise<string[]> {
  const { rangeOf, chunkKey } = await rows.keys(step, shard)
  const count = countBatches(rangeOf(step), rows.plan.steps[step]?.batchSize ?? 1)
  return Array.from({ length: count }, (_, batch) => chunkKey(step, batch))
}
