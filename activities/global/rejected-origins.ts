import type { RejectedRow } from '../../src/core/staged-row.ts'
import { isBarrier } from '../../src/core/stages.ts'
import { readStepChunks } from '../step-chunks.ts'
import type { SliceReader } from './slice-rows.ts'
import type { Slice } from './slices.ts'

/** The rows of a slice that its step rejected; those of a step that needs all rows are with its first slice. */
export async function* readRejectedOrigins(
  { rows, chunks }: SliceReader,
  { step, fromShard, toShard }: Slice,
): AsyncIterable<Pick<RejectedRow, 'origin' | 'places'>> {
  const planned = rows.plan.steps[step]
  if (planned === undefined) return
  if (isBarrier(planned) && fromShard === 0) yield* (await rows.rowSet(step)).rejectedRows()
  if (planned.isGathered) return
  const shards = { from: fromShard, to: toShard }
  for await (const { rejected } of readStepChunks(chunks, rows, step, shards)) yield* rejected
}
