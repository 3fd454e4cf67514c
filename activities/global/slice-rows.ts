import { throughInput } from '../../src/core/staged-row.ts'
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
 * several, each row is told apart by which of them it comes from, and is `null` in the columns that only others have.
 */
export async function* readSlice(
  reader: SliceReader,
  step: number,
  slice: Slice,
): AsyncIterable<readonly StagedRow[]> {
  const { loaded, rows } = reader
  const { after = [] } = rows.plan.steps[step] ?? {}
  const input = after.indexOf(slice.step)
  const columns = new Set(after.flatMap((one) => Object.keys(rows.plan.steps[one]?.columns ?? {})))
  for await (const some of readRows(reader, slice)) {
    const sent = some.filter((row) => isSent(loaded, row, { step, from: slice.step }))
    yield after.length === 1 ? sent : sent.map((row) => ofInput(row, input, columns))
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

/** Where it stood before says nothing: rows of other steps have stood there as well. */
function ofInput(staged: StagedRow, input: number, columns: ReadonlySet<string>): StagedRow {
  const row: Record<string, unknown> = { ...staged.row }
  for (const column of columns) row[column] ??= null
  return {
    origin: throughInput(staged.origin, input),
    identity: throughInput(staged.identity, input),
    row,
  }
}
