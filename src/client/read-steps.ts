import { createShardKeys } from '../core/chunk-keys.ts'
import { RetortError } from '../core/errors.ts'
import { planKey } from '../core/plan.ts'
import type { Plan } from '../core/plan.ts'
import { countBatches, countShards, shardRange } from '../core/range.ts'
import type { RejectedRow, StagedRow } from '../core/staged-row.ts'
import { decodeChunk } from '../storage/chunk.ts'
import { readRetryNumbers } from '../storage/retries.ts'
import { openStagedSource } from '../storage/sources/staged-source.ts'
import type { Store } from '../storage/store.ts'

/** What a step of a run made. */
export interface StepRows {
  readonly name: string
  readonly type: string
  readonly rows: readonly StagedRow[]
  readonly rejected: readonly RejectedRow[]
}

/**
 * Everything that the steps of a small run made, in the order in which they come after each other.
 *
 * All of it is held in memory.
 *
 * @throws RetortError `run-unknown`, `store-corrupt`
 */
export async function readSteps(
  store: Store,
  run: string,
): Promise<{ readonly plan: Plan; readonly steps: readonly StepRows[] }> {
  const bytes = await store.get(planKey(run))
  if (bytes === undefined)
    throw new RetortError('run-unknown', `The plan of run '${run}' is not in ${store.uri}.`)
  const plan = JSON.parse(new TextDecoder().decode(bytes)) as Plan
  const source = await openStagedSource(store, plan.source.key)
  const retries = await readRetryNumbers(store, plan, (step) => {
    const name = plan.steps[step]?.name
    return plan.spec.steps.find((one) => one.name === name)?.params?.['numGenerations']
  })
  const steps = plan.steps.map(({ name, type }) => ({
    name,
    type,
    rows: [] as StagedRow[],
    rejected: [] as RejectedRow[],
  }))
  for (let shard = 0; shard < countShards(plan.source.rows, plan.shardSize); shard++) {
    const range = shardRange(shard, plan.source.rows, plan.shardSize)
    const identities = await source.identities(range.from, range.to)
    const keys = createShardKeys(plan, shard, identities, retries)
    for (const [index, made] of steps.entries()) {
      if (index === plan.source.step) {
        made.rows.push(...(await source.rows(range.from, range.to)))
        continue
      }
      const batches = countBatches(range, plan.steps[index]?.batchSize ?? 1)
      for (let batch = 0; batch < batches; batch++) {
        const chunk = await readChunk(store, keys.chunkKey(index, batch))
        made.rows.push(...chunk.rows)
        made.rejected.push(...chunk.rejected)
      }
    }
  }
  return { plan, steps }
}

async function readChunk(store: Store, key: string) {
  const bytes = await store.get(key)
  if (bytes === undefined)
    throw new RetortError(
      'store-corrupt',
      `'${key}' is missing in the store; start the run again to make it anew.`,
    )
  return await decodeChunk(bytes, key)
}
