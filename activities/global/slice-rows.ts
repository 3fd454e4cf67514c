import { isGatheredStep } from '../../src/core/plan.ts'
import { chooseBranches } from '../../src/core/route.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import type { Chunks } from '../chunks.ts'
import type { LoadedPlan } from '../loaded-plan.ts'
import { readStepChunks } from '../step-chunks.ts'
import type { Slice } from './slices.ts'

const rowsAtOnce = 1_000

/** What the rows of a slice are read with. */
export interface SliceReader {
  readonly loaded: LoadedPlan
  readonly rows: PlanRows
  readonly chunks: Chunks
}

/**
 * The rows of a slice in order, some at a time: those that a route sends to the step. Of a step that reads several, each
 * row is told apart by which of them it comes from, as if it had been expanded into them.
 */
export async function* readSlice(
  reader: SliceReader,
  step: number,
  slice: Slice,
): AsyncIterable<readonly StagedRow[]> {
  const { loaded, rows } = reader
  const { after = [] } = rows.plan.steps[step] ?? {}
  const before = after[slice.input] ?? 0
  const route = loaded.steps[before]?.route
  const { name = '' } = rows.plan.steps[before] ?? {}
  for await (const some of readShards(reader, before, slice)) {
    const sent =
      route === undefined
        ? some
        : some.filter((row) =>
            chooseBranches({ ...route, seed: rows.plan.seed }, name, row).has(step),
          )
    yield after.length === 1 ? sent : sent.map((row) => ofInput(row, slice.input))
  }
}

async function* readShards(
  { rows, chunks }: SliceReader,
  step: number,
  { fromShard, toShard }: Slice,
): AsyncIterable<readonly StagedRow[]> {
  const { plan } = rows
  const planned = plan.steps[step]
  if (planned === undefined || !isGatheredStep(planned)) {
    const shards = { from: fromShard, to: toShard }
    for await (const chunk of readStepChunks(chunks, rows, step, shards)) yield chunk.rows
    return
  }
  const end = Math.min(rows.extentOf(step), toShard * plan.shardSize)
  for (let from = fromShard * plan.shardSize; from < end; from += rowsAtOnce)
    yield await rows.rowsIn(step, { from, to: Math.min(end, from + rowsAtOnce) })
}

function ofInput(row: StagedRow, input: number): StagedRow {
  return { ...row, origin: `${row.origin}.${input}`, identity: `${row.identity}.${input}` }
}
