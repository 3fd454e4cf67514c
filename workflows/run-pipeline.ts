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
  Figures,
  PlanSummary,
  RunOutcome,
  RunRef,
} from '../activities/activities.ts'
import type { DatasetPart } from '../src/storage/parquet/write-parquet-part.ts'
import { countShards } from '../src/core/range.ts'
import { lockId, workflowNames } from '../src/core/run-names.ts'
import { activityOptions } from './activity-options.ts'
import { addFigures, noFigures } from './figures.ts'
import type { LaneInput, LaneProgress, RunInput, RunProgress } from './run-input.ts'
import { countLanes } from './window.ts'

const partsAtOnce = 4

/** How far the run is. */
export const runProgress = defineQuery<RunProgress>(workflowNames.progress)

/** Runs a pipeline to a dataset: plans, lets lanes work off the shards, publishes. Its workflow id is the run id. */
export async function runPipeline(input: RunInput): Promise<RunOutcome> {
  const { runId: execution, startTime } = workflowInfo()
  let progress: RunProgress = { state: 'planning', plan: null, lanes: [] }
  setHandler(runProgress, () => progress)
  const ref: RunRef = { storeId: input.storeId, run: input.run, execution, code: input.code }
  try {
    const [plan] = await Promise.all([
      planRun(input, ref),
      input.isConcurrent ? undefined : holdLock(input),
    ])
    const lanes = countLanes(countShards(plan.rows, plan.shardSize))
    const laneIds = Array.from(
      { length: lanes },
      (_, lane) => `${input.run}:lane-${lane}:${execution}`,
    )
    progress = { state: 'running', plan, lanes: laneIds }
    const results = await Promise.all(
      laneIds.map((id, lane) => runLane(id, input, ref, plan, lane, lanes)),
    )
    const figures: Figures = results.reduce(
      (sum, result) => addFigures(sum, result.figures),
      noFigures,
    )
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

function planRun(input: RunInput, ref: RunRef): Promise<PlanSummary> {
  return scheduleActivity(
    'planRun',
    [{ ref, specKey: input.specKey, acceptsChanges: input.acceptsChanges }],
    activityOptions(input.activityQueue, 'plan'),
  )
}

async function runLane(
  workflowId: string,
  input: RunInput,
  ref: RunRef,
  plan: PlanSummary,
  lane: number,
  lanes: number,
): Promise<LaneProgress> {
  const nothing = plan.steps.map(() => 0)
  const progress: LaneProgress = { figures: noFigures, positions: nothing, rows: nothing }
  const args: LaneInput = {
    ref,
    plan,
    activityQueue: input.activityQueue,
    lane,
    lanes,
    shard: lane,
    progress,
  }
  return await executeChild<(input: LaneInput) => Promise<LaneProgress>>(workflowNames.lane, {
    workflowId,
    args: [args],
    parentClosePolicy: ParentClosePolicy.TERMINATE,
    staticSummary: `lane ${lane + 1} of ${lanes}`,
  })
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
