import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  ParentClosePolicy,
  defineQuery,
  executeChild,
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
import type { LaneInput, LaneProgress, RunInput, RunProgress } from './run-input.ts'
import { runShard } from './run-shard.ts'
import { countLanes } from './window.ts'

const partsAtOnce = 2

/** How far the run is. */
export const runProgress = defineQuery<RunProgress>(workflowNames.progress)

/** Runs a pipeline to a dataset: plans, lets lanes work off the shards, publishes. Its workflow id is the run id. */
export async function runPipeline(input: RunInput): Promise<RunOutcome> {
  const { runId: execution, startTime } = workflowInfo()
  let progress: RunProgress = { state: 'planning', plan: null, lanes: [], own: null }
  setHandler(runProgress, () => progress)
  const ref: RunRef = { storeId: input.storeId, run: input.run, execution, code: input.code }
  try {
    const [{ plan, onlyShard }] = await Promise.all([
      planRun(input, ref),
      input.isConcurrent ? undefined : holdLock(input),
    ])
    progress = { ...progress, state: 'running', plan }
    const work = { ref, plan, activityQueue: input.activityQueue }
    const report = (next: Partial<RunProgress>) => (progress = { ...progress, ...next })
    const figures =
      (onlyShard === null ? undefined : await runOnlyShard(work, onlyShard, report)) ??
      (await runLanes(input.run, work, report))
    progress = { ...progress, state: 'publishing' }
    const parts = await publishParts(input, ref, plan)
    const published: Awaited<ReturnType<Activities['publishDataset']>> = await scheduleActivity(
      'publishDataset',
      [{ ref, figures, startedAt: startTime.getTime(), parts }],
      activityOptions(input.activityQueue, 'dataset'),
    )
    progress = { ...progress, state: 'completed' }
    return { ...published, figures, notices: plan.notices }
  } catch (error) {
    throw rootFailure(error)
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
  stored: ShardSummary,
  report: (next: Partial<RunProgress>) => void,
): Promise<Figures | undefined> {
  let progress = noProgress(work.plan)
  const isDone = await runShard({ ...work, lanes: 1 }, 0, stored, progress, (own) => {
    progress = own
    report({ own })
  })
  return isDone ? progress.figures : undefined
}

/** Lets lanes work off the shards, and waits for all of them. */
async function runLanes(
  run: string,
  work: Work,
  report: (next: Partial<RunProgress>) => void,
): Promise<Figures> {
  const { plan, ref } = work
  const lanes = countLanes(countShards(plan.rows, plan.shardSize))
  const ids = Array.from({ length: lanes }, (_, lane) => `${run}:lane-${lane}:${ref.execution}`)
  report({ lanes: ids, own: null })
  const results = await Promise.all(
    ids.map((workflowId, lane) => {
      const args: LaneInput = { ...work, lane, lanes, shard: lane, progress: noProgress(plan) }
      return executeChild<(input: LaneInput) => Promise<LaneProgress>>(workflowNames.lane, {
        workflowId,
        args: [args],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        staticSummary: `lane ${lane + 1} of ${lanes}`,
      })
    }),
  )
  return results.reduce((sum, { figures }) => addFigures(sum, figures), noFigures)
}

function noProgress({ steps }: PlanSummary): LaneProgress {
  const nothing = steps.map(() => 0)
  return { figures: noFigures, positions: nothing, rows: nothing }
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
