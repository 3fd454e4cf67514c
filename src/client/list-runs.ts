import { workflowNames } from '../core/run-names.ts'
import { hasLiveWorker } from './live-workers.ts'
import { pausedReasonOf } from './start-workflow.ts'
import type { RunPlace } from './start-workflow.ts'

/** A run that a server knows. */
export interface ListedRun {
  readonly runId: string
  /** `running`, `paused`, `completed`, `failed`, `terminated`, …, as Temporal says it. */
  readonly status: string
  /** Whether a worker that is alive does it; `undefined` where it is not running. */
  readonly isServed: boolean | undefined
  readonly pipeline: string
  readonly startedAt: Date
  readonly endedAt: Date | undefined
}

/** The runs of a store that the server knows, the latest execution of each, the newest first. */
export async function listRuns(
  { client, store, storeId }: RunPlace,
  limit: number,
): Promise<readonly ListedRun[]> {
  const runs = new Map<string, ListedRun>()
  const found = client.workflow.list({ query: `WorkflowType = '${workflowNames.run}'` })
  for await (const { workflowId, status, memo, taskQueue, startTime, closeTime } of found) {
    if (memo?.['storeId'] !== storeId || runs.has(workflowId)) continue
    const pipeline = memo['pipeline']
    const isPaused = status.name === 'RUNNING' && pausedReasonOf({ memo }) !== undefined
    runs.set(workflowId, {
      runId: workflowId,
      status: isPaused ? 'paused' : status.name.toLowerCase(),
      isServed: status.name === 'RUNNING' ? await hasLiveWorker(store, taskQueue) : undefined,
      pipeline: typeof pipeline === 'string' ? pipeline : '',
      startedAt: startTime,
      endedAt: closeTime,
    })
    if (runs.size === limit) break
  }
  return [...runs.values()]
}
