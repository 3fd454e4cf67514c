import type { PlanRows } from '../../src/storage/plan-rows.ts'

/** Some rows of a step that follow each other: what one worker takes at a time. */
export interface Slice {
  /** The step whose rows they are. */
  readonly step: number
  readonly fromShard: number
  readonly toShard: number
}

/** About so many slices make all rows: few enough for one history, and each small enough for memory. */
const mostSlices = 128

/** Divides the rows of steps, one step after the other. */
export function planSlices(rows: PlanRows, steps: readonly number[]): Slice[] {
  const size = sliceShards(rows, steps)
  return steps.flatMap((step) => {
    const shards = rows.shardsOf(step)
    return Array.from({ length: Math.ceil(shards / size) }, (_, index) => ({
      step,
      fromShard: index * size,
      toShard: Math.min(shards, (index + 1) * size),
    }))
  })
}

/** How many shards make a slice of these steps' rows. */
export function sliceShards(rows: PlanRows, steps: readonly number[]): number {
  const shards = steps.reduce((sum, step) => sum + rows.shardsOf(step), 0)
  return Math.max(1, Math.ceil(shards / mostSlices))
}
