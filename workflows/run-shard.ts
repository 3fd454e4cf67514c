import { condition, scheduleActivity, workflowInfo } from '@temporalio/workflow'

import type { BatchOutcome, ShardSummary } from '../activities/activities.ts'
import { batchRange, shardRange } from '../src/core/range.ts'
import { createSchedule } from '../src/core/schedule.ts'
import type { BatchRef } from '../src/core/schedule.ts'
import { activityOptions } from './activity-options.ts'
import { addFigures } from '../src/core/run-report.ts'
import type { LaneInput, LaneProgress } from './run-input.ts'
import { laneWindow } from './window.ts'

/** The server suggests to continue as new at 4,096 events; what is going when a lane stops adds some hundreds. */
const mostEvents = 3_400

/**
 * Runs a shard's batches; false where the history grew too long before all were done.
 *
 * @param known - what of the shard is stored, where that was listed a moment ago
 */
export async function runShard(
  { ref, plan, lanes, activityQueue }: Omit<LaneInput, 'lane' | 'shard' | 'progress'>,
  shard: number,
  known: ShardSummary | null,
  before: LaneProgress,
  report: (progress: LaneProgress) => void,
): Promise<boolean> {
  const range = shardRange(shard, plan.rows, plan.shardSize)
  const summary =
    known ??
    (await scheduleActivity<ShardSummary>(
      'planShard',
      [{ ref, shard }],
      activityOptions(activityQueue, `shard ${shard}`),
    ))
  const stored = summary.stored.map(toBatchRows)
  const schedule = createSchedule(plan.steps, plan.source, range, laneWindow(plan, lanes), stored)
  let { figures, positions, rows } = {
    ...before,
    figures: addFigures(before.figures, summary.figures),
  }
  const count = (step: number, batch: number, stored: number) => {
    const { from, to } = batchRange(range, plan.steps[step]?.batchSize ?? 1, batch)
    positions = positions.with(step, (positions[step] ?? 0) + to - from)
    rows = rows.with(step, (rows[step] ?? 0) + stored)
  }
  for (const [step, batches] of stored.entries())
    for (const [batch, rowsOf] of batches) count(step, batch, rowsOf)

  const finished: { readonly batch: BatchRef; readonly outcome: BatchOutcome }[] = []
  let going = 0
  let failure: { readonly error: unknown } | undefined
  const start = (batch: BatchRef) => {
    const step = plan.steps[batch.step]
    const { from, to } = batchRange(range, step?.batchSize ?? 1, batch.batch)
    going++
    scheduleActivity<BatchOutcome>(
      'runBatch',
      [{ ref, shard, step: batch.step, batch: batch.batch }],
      activityOptions(step?.taskQueue ?? activityQueue, `${step?.name} ${from}–${to - 1}`),
    ).then(
      (outcome) => finished.push({ batch, outcome }),
      (error: unknown) => (failure ??= { error }),
    )
  }
  for (;;) {
    report({ figures, positions, rows })
    if (workflowInfo().historyLength < mostEvents)
      for (let batch = schedule.next(); batch !== undefined; batch = schedule.next()) start(batch)
    if (going === 0) return schedule.isComplete
    await condition(() => finished.length > 0 || failure !== undefined)
    if (failure !== undefined) throw failure.error
    for (const { batch, outcome } of finished.splice(0)) {
      going--
      schedule.done(batch, outcome.rows)
      figures = addFigures(figures, outcome)
      count(batch.step, batch.batch, outcome.rows)
    }
  }
}

/** Batch to rows, out of a flat list of both. */
function toBatchRows(flat: readonly number[]): Map<number, number> {
  const batches = new Map<number, number>()
  for (let index = 0; index < flat.length; index += 2)
    batches.set(flat[index] ?? 0, flat[index + 1] ?? 0)
  return batches
}
