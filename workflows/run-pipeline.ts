import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  defineQuery,
  getExternalWorkflowHandle,
  scheduleActivity,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'

import type {
  Activities,
  PlannedRun,
  PlanSummary,
  RunOutcome,
  RunRef,
  ShardSummary,
} from '../activities/activities.ts'
import type { DatasetPart } from '../src/storage/parquet/write-parquet-part.ts'
import { countShards } from '../src/core/range.ts'
import { lockId, workflowNames } from '../src/core/run-names.ts'
import { activityOptions } from './activity-options.ts'
import { addFigures, noFigures } from '../src/core/run-report.ts'
import type { Figures } from '../src/core/run-report.ts'
import { Coordinator } from './coordinator.ts'
import { countSignal, countedSignal, ordersSignal, stoppedSignal, toCount } from './lane-control.ts'
import { RejectionRound } from './rejection-round.ts'
import type { LaneInput, LaneOrders, LaneProgress, RunInput, RunProgress } from './run-input.ts'
import { runShard } from './run-shard.ts'
import { untilDone } from './shard-control.ts'
import type { ShardControl } from './shard-control.ts'
import { countLanes } from './window.ts'

const partsAtOnce = 2

/** How far the run is. */
export const runProgress = defineQuery<RunProgress>(workflowNames.progress)

/** Runs a pipeline to a dataset: plans, lets lanes work off the shards, publishes. Its workflow id is the run id. */
export async function runPipeline(input: RunInput): Promise<RunOutcome> {
  const { runId: execution, startTime } = workflowInfo()
  let progress: Omit<RunProgress, 'pausedReason'> = {
    state: 'planning',
    startedAt: startTime.getTime(),
    plan: null,
    lanes: [],
    own: null,
  }
  const report = (next: Partial<RunProgress>) => (progress = { ...progress, ...next })
  const ref: RunRef = { storeId: input.storeId, run: input.run, execution, code: input.code }
  const control = new Coordinator(ref, input.onStop, (orders) => tellLanes(progress.lanes, orders))
  setHandler(runProgress, () => ({ ...progress, pausedReason: control.pausedReason }))
  const work = async (): Promise<RunOutcome> => {
    const [{ plan, settings, onlyShard }] = await Promise.all([
      planRun(input, ref),
      input.isConcurrent ? undefined : holdLock(input),
    ])
    report({ state: 'running', plan })
    await control.begin(plan, settings)
    const work = { ref, plan, activityQueue: input.activityQueue }
    const figures =
      (onlyShard === null ? undefined : await runOnlyShard(work, control, onlyShard, report)) ??
      (await runLanes(input, work, control, report))
    await control.settleRejected({ rejected: figures.rejected, done: plan.rows })
    control.spendNothing()
    report({ state: 'publishing' })
    const published = await untilDone(control, async () => {
      const parts = await publishParts(input, ref, plan)
      return await scheduleActivity<Awaited<ReturnType<Activities['publishDataset']>>>(
        'publishDataset',
        [{ ref, figures, startedAt: startTime.getTime(), parts }],
        activityOptions(input.activityQueue, 'dataset'),
      )
    })
    report({ state: 'completed' })
    return { ...published, figures, notices: plan.notices }
  }
  try {
    return await Promise.race([work(), control.failure()])
  } catch (error) {
    // Workers learn of an end by their heartbeats, late; of this within a second.
    await CancellationScope.nonCancellable(() => control.end()).catch(() => {})
    throw rootFailure(error)
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished))
  }
}

function planRun(input: RunInput, ref: RunRef): Promise<PlannedRun> {
  return scheduleActivity(
    'planRun',
    [{ ref, specKey: input.specKey, acceptsChanges: input.acceptsChanges }],
    activityOptions(input.activityQueue, 'plan'),
  )
}

/** What all lanes are told. */
type Work = Pick<LaneInput, 'ref' | 'plan' | 'activityQueue'>

/** Works off a run of one shard without a lane; `undefined` where that is too long for one history. */
async function runOnlyShard(
  work: Work,
  coordinator: Coordinator,
  stored: ShardSummary,
  report: (next: Partial<RunProgress>) => void,
): Promise<Figures | undefined> {
  let progress = noProgress(work.plan)
  const control: ShardControl = {
    get orders() {
      return coordinator.orders
    },
    mayBegin: true,
    stopped: (error, generation) => coordinator.stopped(error, generation),
    report(own) {
      progress = own
      report({ own })
      coordinator.checkRejected(toCount(own), false).catch(ignoreEnd)
    },
  }
  const isDone = await runShard({ ...work, lanes: 1 }, control, 0, stored, progress)
  return isDone ? progress.figures : undefined
}

/** Lets lanes work off the shards, and waits for all of them. */
async function runLanes(
  { run, onStop }: RunInput,
  work: Work,
  control: Coordinator,
  report: (next: Partial<RunProgress>) => void,
): Promise<Figures> {
  const { plan, ref } = work
  const lanes = countLanes(countShards(plan.rows, plan.shardSize))
  const ids = Array.from({ length: lanes }, (_, lane) => `${run}:lane-${lane}:${ref.execution}`)
  const round = new RejectionRound(
    lanes,
    (lane) =>
      void getExternalWorkflowHandle(ids[lane] ?? '')
        .signal(countSignal)
        .catch(() => {}),
    async (sum) => {
      // Lanes wait for what follows from their count; a run that stops at it tells them when it is resumed.
      if (!(await control.checkRejected(sum, false))) tellLanes(ids, control.orders)
    },
  )
  // The run does not wait for these at its end: a lane that has failed never tells its count.
  setHandler(stoppedSignal, ({ generation, ...reason }) => {
    control.stop(reason, generation).catch(ignoreEnd)
  })
  setHandler(countedSignal, (count) => {
    round.told(count).catch(ignoreEnd)
  })
  report({ own: null })
  const started: string[] = []
  const results = await Promise.all(
    ids.map(async (workflowId, lane) => {
      const { orders, revision } = control
      const args: LaneInput = {
        ...work,
        lane,
        lanes,
        shard: lane,
        progress: noProgress(plan),
        orders,
        onStop,
      }
      const child = await startChild<(input: LaneInput) => Promise<LaneProgress>>(
        workflowNames.lane,
        {
          workflowId,
          args: [args],
          parentClosePolicy: ParentClosePolicy.TERMINATE,
          staticSummary: `lane ${lane + 1} of ${lanes}`,
        },
      )
      started.push(workflowId)
      report({ lanes: [...started] })
      // What was told while it started, it has not heard.
      if (control.revision !== revision) tellLanes([workflowId], control.orders)
      const progress = await child.result()
      round.finish({ lane, ...toCount(progress) })
      return progress
    }),
  )
  return results.reduce((sum, { figures }) => addFigures(sum, figures), noFigures)
}

/** A pause that cannot be written: the run is cancelled, or goes on in another execution, as its batches learn too. */
function ignoreEnd(): void {}

/** Tells lanes what holds from here on; one that has ended needs to know nothing. */
function tellLanes(lanes: readonly string[], orders: LaneOrders): void {
  for (const lane of lanes)
    void getExternalWorkflowHandle(lane)
      .signal(ordersSignal, orders)
      .catch(() => {})
}

function noProgress({ steps }: PlanSummary): LaneProgress {
  const nothing = steps.map(() => 0)
  return { figures: noFigures, foundCalls: 0, positions: nothing, rows: nothing }
}

/** Lets workers write the parts of a large dataset side by side; a small one is written where it is committed. */
async function publishParts(
  input: RunInput,
  ref: RunRef,
  plan: PlanSummary,
): Promise<DatasetPart[][]> {
  if (plan.partsPerLeaf === 1) return []
  const parts: DatasetPart[][] = plan.leaves.map(() => [])
  const waiting = parts
    .flatMap((_, leaf) => Array.from({ length: plan.partsPerLeaf }, (__, part) => ({ leaf, part })))
    .values()
  const writeNext = async () => {
    for (const { leaf, part } of waiting) {
      const options = activityOptions(
        input.activityQueue,
        `part ${part + 1} of ${plan.partsPerLeaf}`,
      )
      const written = await scheduleActivity<DatasetPart>(
        'publishPart',
        [{ ref, leaf, part }],
        options,
      )
      const leafParts = parts[leaf]
      if (leafParts !== undefined) leafParts[part] = written
    }
  }
  await Promise.all(Array.from({ length: partsAtOnce }, writeNext))
  return parts
}

/** Lets one run of a pipeline go at a time: a child that lives as long as the run does. */
async function holdLock({ storeId, pipeline }: RunInput): Promise<void> {
  try {
    await startChild<() => Promise<void>>(workflowNames.lock, {
      workflowId: lockId(storeId, pipeline),
      parentClosePolicy: ParentClosePolicy.TERMINATE,
    })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowExecutionAlreadyStartedError')
      throw error
    throw ApplicationFailure.create({
      type: 'pipeline-running',
      message: `Another run of pipeline '${pipeline}' is going; wait for it, or start this one with --concurrent.`,
      nonRetryable: true,
    })
  }
}

/** The failure of the activity that failed, from under the lanes and activities around it. */
function rootFailure(error: unknown): unknown {
  if (
    (error instanceof ChildWorkflowFailure || error instanceof ActivityFailure) &&
    error.cause !== undefined
  )
    return rootFailure(error.cause)
  return error
}
