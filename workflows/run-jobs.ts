import { CancellationScope, isCancellation, scheduleActivity, sleep } from '@temporalio/workflow'

import type { JobsProgress, RequestPart } from '../activities/activities.ts'
import type { Reach } from '../src/core/reach.ts'
import { activityOptions } from './activity-options.ts'
import type { StageWork } from './run-input.ts'
import { untilDone } from './shard-control.ts'
import type { ShardControl } from './shard-control.ts'

/** Shards whose requests are found at once. */
const shardsAtOnce = 8
const firstWait = 2_000
const longestWait = 600_000
const waitGrowth = 1.5

/** What the jobs of a step belong to. */
export interface JobsWork extends StageWork {
  readonly reach: Reach
  readonly step: number
  readonly shards: number
}

/**
 * Lets a step's provider answer in batch jobs what the step would ask; what they leave is asked when the step runs.
 *
 * While they are under way a timer of the workflow waits, and no worker.
 */
export async function runJobs(
  work: JobsWork,
  control: Pick<ShardControl, 'orders' | 'stopped'>,
  report: (progress: JobsProgress) => void,
): Promise<void> {
  const { ref, plan, step, reach, activityQueue } = work
  const { name = '', taskQueue = null } = plan.steps[step] ?? {}
  const run = <Result>(activity: string, input: object, what: string) =>
    untilDone(control, () => {
      const { generation } = control.orders
      return scheduleActivity<Result>(
        activity,
        [{ ref, reach, step, generation, ...input }],
        activityOptions(taskQueue ?? activityQueue, `${name} ${what}`),
      )
    })
  const parts = await collectParts(work, run)
  const ids = await run<readonly string[]>('formJobs', { parts }, 'jobs')
  if (ids.length === 0) return
  try {
    let waiting = ids
    while (waiting.length > 0) {
      await Promise.all(waiting.map((id) => run('submitJob', { id }, 'job')))
      waiting = await followJobs(waiting, run, report)
    }
  } catch (error) {
    if (isCancellation(error))
      await CancellationScope.nonCancellable(() =>
        scheduleActivity('leaveJobs', [{ ref, step, ids }], {
          ...activityOptions(taskQueue ?? activityQueue, `${name} cancel`),
          scheduleToCloseTimeout: '60 seconds',
        }),
      ).catch(() => {})
    throw error
  }
}

type RunActivity = <Result>(activity: string, input: object, what: string) => Promise<Result>

async function collectParts({ shards }: JobsWork, run: RunActivity): Promise<RequestPart[]> {
  const parts: (RequestPart | undefined)[] = []
  const waiting = Array.from({ length: shards }, (_, shard) => shard).values()
  const collectNext = async () => {
    for (const shard of waiting)
      parts[shard] = await run<RequestPart>('collectRequests', { shard }, `requests ${shard}`)
  }
  await Promise.all(Array.from({ length: Math.min(shards, shardsAtOnce) }, collectNext))
  return parts.filter((part) => part !== undefined).filter(({ requests }) => requests > 0)
}

/** Waits until jobs have ended and are read; returns those that are to be handed in again. */
async function followJobs(
  ids: readonly string[],
  run: RunActivity,
  report: (progress: JobsProgress) => void,
): Promise<readonly string[]> {
  let going = ids
  const again: string[] = []
  for (let wait = firstWait; ; wait = Math.min(wait * waitGrowth, longestWait)) {
    const progress = await run<JobsProgress>('followJobs', { ids: going }, 'progress')
    report(progress)
    again.push(...progress.foreign)
    going = progress.going
    if (going.length === 0) return again
    await sleep(Math.round(wait))
  }
}
