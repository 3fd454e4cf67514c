import { RetortError } from '../core/errors.ts'
import { parsePlan } from '../core/parse-plan.ts'
import { planKey } from '../core/plan.ts'
import type { Plan } from '../core/plan.ts'
import { countBatches } from '../core/range.ts'
import { reachKey, sourcesOnly } from '../core/reach.ts'
import type { Reach } from '../core/reach.ts'
import { isBarrier } from '../core/stages.ts'
import type { RejectedRow, StagedRow } from '../core/staged-row.ts'
import { decodeChunk } from '../storage/chunk.ts'
import { PlanRows } from '../storage/plan-rows.ts'
import { readRetryNumbers } from '../storage/retries.ts'
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
  const plan = parsePlan(bytes)
  const reach = await readReach(store, run)
  const retries = await readRetryNumbers(store, plan, (step) => {
    const name = plan.steps[step]?.name
    return plan.spec.steps.find((one) => one.name === name)?.params?.['numGenerations']
  })
  const all = new PlanRows(store, plan, reach, retries)
  const steps: StepRows[] = []
  for (const index of plan.steps.keys()) steps.push(await readStep(store, all, index))
  return { plan, steps }
}

async function readStep(store: Store, all: PlanRows, index: number): Promise<StepRows> {
  const planned = all.plan.steps[index]
  if (planned === undefined) throw new RangeError(`There is no step ${index}.`)
  const { name, type, batchSize } = planned
  const rows: StagedRow[] = []
  const rejected: RejectedRow[] = []
  if (isBarrier(planned))
    rejected.push(...(await Array.fromAsync((await all.rowSet(index)).rejectedRows())))
  if (planned.isGathered)
    return { name, type, rows: await all.rowsIn(index, { from: 0, to: Infinity }), rejected }
  for (let shard = 0; shard < all.shardsOf(index); shard++) {
    const { rangeOf, chunkKey } = await all.keys(index, shard)
    for (let batch = 0; batch < countBatches(rangeOf(index), batchSize); batch++) {
      const chunk = await readChunk(store, chunkKey(index, batch))
      rows.push(...chunk.rows)
      rejected.push(...chunk.rejected)
    }
  }
  return { name, type, rows, rejected }
}

/** How far the run came; earlier releases had nothing to note. */
async function readReach(store: Store, run: string): Promise<Reach> {
  const bytes = await store.get(reachKey(run))
  // Only publishing a dataset writes it.
  return bytes === undefined ? sourcesOnly : (JSON.parse(new TextDecoder().decode(bytes)) as Reach)
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
