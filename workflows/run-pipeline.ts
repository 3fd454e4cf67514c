import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  defineQuery,
  isCancellation,
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
import { countParts } from '../src/core/range.ts'
import { extentsOf, sourcesOnly } from '../src/core/reach.ts'
import type { Reach } from '../src/core/reach.ts'
import { lockId, workflowNames } from '../src/core/run-names.ts'
import type { RowTarget } from '../src/core/spec.ts'
import { acceptedRows, firstReach, nextEnd } from '../src/core/wave.ts'
import type { DatasetPart } from '../src/storage/parquet/write-parquet-part.ts'
import { activityOptions } from './activity-options.ts'
import { Coordinator } from './coordinator.ts'
import type { RunInput, RunProgress } from './run-input.ts'
import { RunStages } from './run-stages.ts'
import type { WaveOutcome } from './run-stages.ts'
import { untilDone } from './shard-control.ts'
import { tellLanes } from './stage-lanes.ts'

/** Enough for several workers, of which each writes one at a time. */
const partsAtOnce = 8

/** How far the run is. */
export const runProgress = defineQuery<RunProgress>(workflowNames.progress)

/** Runs a pipeline to a dataset: plans, lets lanes work off the shards, publishes. Its workflow id is the run id. */
export async function runPipeline(input: RunInput): Promise<RunOutcome> {
  const { runId: execution, startTime } = workflowInfo()
  let progress: Omit<RunProgress, 'pausedReason'> = {
    state: 'planning',
    startedAt: startTime.getTime(),
    plan: null,
    reach: sourcesOnly,
    done: null,
    jobs: [],
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
    const stages = new RunStages(work, control, input.onStop, report)
    const { progress: made, reach } = await runWaves(stages, plan, onlyShard, report)
    const { figures } = made
    await control.settleRejected({ rejected: figures.rejected, done: reach.end ?? plan.rows })
    control.spendNothing()
    report({ state: 'publishing' })
    const published = await untilDone(control, async () => {
      const parts = await publishParts(input, ref, plan, reach)
      return await scheduleActivity<Awaited<ReturnType<Activities['publishDataset']>>>(
        'publishDataset',
        [{ ref, reach, figures, startedAt: startTime.getTime(), parts }],
        activityOptions(input.activityQueue, 'dataset'),
      )
    })
    report({ state: 'completed' })
    return { ...published, notices: plan.notices }
  }
  const working = work()
  try {
    return await Promise.race([working, control.failure()])
  } catch (error) {
    // What a cancelled run leaves behind at its provider is tidied up before it ends.
    if (isCancellation(error)) await working.catch(() => {})
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

/** Works off waves of source rows until enough pass; all at once where there is no number to reach. */
async function runWaves(
  stages: RunStages,
  plan: PlanSummary,
  onlyShard: ShardSummary | null,
  report: (next: Pick<RunProgress, 'done'>) => void,
): Promise<WaveOutcome> {
  const { target } = plan
  let { end } = firstReach(plan)
  let known = onlyShard
  for (;;) {
    const outcome = await stages.run(end, known)
    if (target === null || end === null) return outcome
    const accepted = acceptedRows(plan, outcome.reach, outcome.progress.rows)
    report({ done: { end, accepted, figures: outcome.progress.figures } })
    if (accepted >= target.accepted) return outcome
    if (end >= plan.rows) throw tooFewAccepted(plan, target, accepted)
    end = nextEnd(plan, target, end, accepted)
    known = null
  }
}

function tooFewAccepted({ rows }: PlanSummary, target: RowTarget, accepted: number) {
  const advice =
    rows < target.atMost
      ? 'The source has no more; give it more rows, or ask for fewer'
      : `Raise 'atMost' above ${target.atMost}, or ask for fewer`
  return ApplicationFailure.create({
    type: 'too-few-accepted',
    message: `Only ${accepted} of ${target.accepted} rows were accepted out of ${rows} source rows. ${advice}; what was asked so far is not paid again.`,
    nonRetryable: true,
  })
}

/** Lets workers write the parts of a large dataset side by side; a small one is written where it is committed. */
async function publishParts(
  { activityQueue }: RunInput,
  ref: RunRef,
  plan: PlanSummary,
  reach: Reach,
): Promise<DatasetPart[][]> {
  // Where enough rows are taken of all, one after the other decides where that ends.
  if (plan.target !== null) return []
  const extents = extentsOf(plan, reach)
  const counts = plan.leaves.map((step) => countParts(extents[step] ?? 0, plan.shardSize))
  if (counts.every((count) => count === 1)) return []
  const parts: DatasetPart[][] = plan.leaves.map(() => [])
  const waiting = counts
    .flatMap((count, leaf) => Array.from({ length: count }, (_, part) => ({ leaf, part, count })))
    .values()
  const writeNext = async () => {
    for (const { leaf, part, count } of waiting) {
      const written = await scheduleActivity<DatasetPart>(
        'publishPart',
        [{ ref, reach, leaf, part }],
        activityOptions(activityQueue, `part ${part + 1} of ${count}`),
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
