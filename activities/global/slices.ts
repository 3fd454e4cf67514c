import type { PlanRows } from '../../src/storage/plan-rows.ts'

/** Some rows that follow each other among those that a global step reads: what one worker takes at a time. */
export interface Slice {
  /** Which of the steps that it reads they are of. */
  readonly input: number
  readonly fromShard: number
  readonly toShard: number
}

/** About so many slices make all rows: few enough for one history, enough to keep several workers busy. */
const mostSlices = 64

/** Divides the rows that a global step reads, in their order. */
export function planSlices(rows: PlanRows, step: number): Slice[] {
  const inputs = (rows.plan.steps[step]?.after ?? []).map((before) => rows.shardsOf(before))
  const shards = inputs.reduce((sum, count) => sum + count, 0)
  const size = Math.max(1, Math.ceil(shards / mostSlices))
  return inputs.flatMap((count, input) =>
    Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
      input,
      fromShard: index * size,
      toShard: Math.min(count, (index + 1) * size),
    })),
  )
}
