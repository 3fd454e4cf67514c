import { condition, scheduleActivity, workflowInfo } from '@temporalio/workflow'

import type { BatchOutcome, ShardSummary } from '../activities/activities.ts'
import { batchRange, clipRange, shardRange } from '../src/core/range.ts'
import { extentsOf } from '../src/core/reach.ts'
import { createSchedule } from '../src/core/schedule.ts'
import type { BatchRef } from '../src/core/schedule.ts'
import { activityOptions, batchOptions } from './activity-options.ts'
import { addFigures } from '../src/core/run-report.ts'
import type { LaneProgress, ShardWork } from './run-input.ts'
import { untilDone } from './shard-control.ts'
import type { ShardControl } from './shard-control.ts'
import { laneWindow } from './window.ts'

/** The server suggests to continue as new at 4,096 events; what is going when a lane stops adds some hundreds. */
const mostEvents = 3_400

/**
 * Runs a shard's batches; false where the history grew too long before all were done.
 *
 * A batch that the run was stopped at is run again when the run is resumed; until then no other one begins.
 *
 * @param known - what of the shard is stored, where that was listed a moment ago
 */
export async function runShard(
  { ref, plan, reach, stage, lanes, activityQueue }: ShardWork,
  control: ShardControl,
  shard: number,
  known: ShardSummary | null,
  before: LaneProgress,
): Promise<boolean> {
  const extents = extentsOf(plan, reach)
  const positionsOfShard = shardRange(shard, Number.MAX_SAFE_INTEGER, plan.shardSize)
  const rangeOf = (step: number) => clipRange(positionsOfShard, extents[step] ?? 0)
  const summary =
    known ??
    (await untilDone(control, () =>
      scheduleActivity<ShardSummary>(
        'planShard',
        [{ ref, reach, stage, shard }],
        activityOptions(activityQueue, `shard ${shard}`),
      ),
    ))
  const stored = summary.stored.map(toBatchRows)
  const window = laneWindow(control, lanes)
  const { steps: running = [] } = plan.stages[stage] ?? {}
  const scheduled = { shard: positionsOfShard, extents, running }
  const schedule = createSchedule(plan.steps, scheduled, window, stored)
  let { figures, positions, rows } = {
    ...before,
    figures: addFigures(before.figures, summary.figures),
  }
  const foundCalls = before.foundCalls + summary.figures.calls
  const count = (step: number, batch: number, stored: number) => {
    const { from, to } = batchRange(rangeOf(step), plan.steps[step]?.batchSize ?? 1, batch)
    positions = positions.with(step, (positions[step] ?? 0) + to - from)
    rows = rows.with(step, (rows[step] ?? 0) + stored)
  }
  for (const [step, batches] of stored.entries())
    for (const [batch, rowsOf] of batches) count(step, batch, rowsOf)

  const finished: { readonly batch: BatchRef; readonly outcome: BatchOutcome }[] = []
  let again: BatchRef[] = []
  let going = 0
  let stops = 0
  let failure: { readonly error: unknown } | undefined
  const start = (batch: BatchRef) => {
    const step = plan.steps[batch.step]
    const { from, to } = batchRange(rangeOf(batch.step), step?.batchSize ?? 1, batch.batch)
    const { generation } = control.orders
    going++
    scheduleActivity<BatchOutcome>(
      'runBatch',
      [{ ref, reach, shard, step: batch.step, batch: batch.batch, generation }],
      batchOptions(step?.taskQueue ?? activityQueue, `${step?.name} ${from}–${to - 1}`),
    ).then(
      (outcome) => finished.push({ batch, outcome }),
      (error: unknown) => {
        going--
        stops++
        again.push(batch)
        return control.stopped(error, generation).then(
          () => stops--,
          (final: unknown) => (failure ??= { error: final }),
        )
      },
    )
  }
  const mayBegin = () => stops === 0 && control.mayBegin
  const hasRoom = () => workflowInfo().historyLength < mostEvents
  for (;;) {
    control.report({ figures, foundCalls, positions, rows })
    const isBeginning = mayBegin()
    if (isBeginning && hasRoom()) {
      const stopped = again
      again = []
      for (const batch of stopped) start(batch)
      for (let batch = schedule.next(); batch !== undefined; batch = schedule.next()) start(batch)
    }
    if (going === 0 && (isBeginning || schedule.isComplete)) return schedule.isComplete
    await condition(
      () =>
        finished.length > 0 ||
        failure !== undefined ||
        mayBegin() !== isBeginning ||
        (again.length > 0 && mayBegin() && hasRoom()),
    )
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
