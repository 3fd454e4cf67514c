import type { StagedRow } from '../../src/core/staged-row.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import type { Chunks } from '../chunks.ts'
import { isSent } from '../join-branches.ts'
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
 * The rows of a slice that a step gets, in order, some at a time: those that a route sends there. Of a step that reads
 * several, each row is told apart by which of them it comes from, as if it had been expanded into them.
 */
export async function* readSlice(
  reader: SliceReader,
  step: number,
  slice: Slice,
): AsyncIterable<readonly StagedRow[]> {
  const { loaded, rows } = reader
  const { after = [] } = rows.plan.steps[step] ?? {}
  const input = after.indexOf(slice.step)
  for await (const some of readRows(reader, slice)) {
    const sent = some.filter((row) => isSent(loaded, row, { step, from: slice.step }))
    yield after.length === 1 ? sent : sent.map((row) => ofInput(row, input))
  }
}

/** All rows of a slice, in order, some at a time. */
export async function* readRows(
  { rows, chunks }: SliceReader,
  { step, fromShard, toShard }: Slice,
): AsyncIterable<readonly StagedRow[]> {
  const { plan } = rows
  const planned = plan.steps[step]
  if (planned?.isGathered !== true) {
    const shards = { from: fromShard, to: toShard }
    for await (const chunk of readStepChunks(chunks, rows, step, shards)) yield chunk.rows
    return
  }
  const end = Math.min(rows.extentOf(step), toShard * plan.shardSize)
  for (let from = fromShard * plan.shardSize; from < end; from += rowsAtOnce)
    yield await rows.rowsIn(step, { from, to: Math.min(end, from + rowsAtOnce) })
}

/** What it was in order before is the same for none of the other steps' rows. */
function ofInput({ origin, identity, row }: StagedRow, input: number): StagedRow {
  return { origin: `${origin}.${input}`, identity: `${identity}.${input}`, row }
}
