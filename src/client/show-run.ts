import type { WorkflowExecutionDescription } from '@temporalio/client'

import { RetortError } from '../core/errors.ts'
import { planKey } from '../core/plan.ts'
import { runQueue } from '../core/run-names.ts'
import { unpricedModels } from '../storage/dataset/dataset-manifest.ts'
import { listDatasets, readManifest } from '../storage/dataset/read-manifest.ts'
import { hasLiveWorker } from './live-workers.ts'
import { toPaidResult } from './paid-result.ts'
import { readProgress } from './read-progress.ts'
import type { Progress } from '../core/run-report.ts'
import { awaitResult, storedResult } from './run-result.ts'
import type { RunResult } from '../core/run-report.ts'
import { describe, pausedReasonOf } from './start-workflow.ts'
import type { RunHandle, RunPlace } from './start-workflow.ts'

/** How a run is or was. */
export type ShownRun =
  | {
      readonly state: 'ended'
      readonly result: RunResult
      readonly startedAt: Date | undefined
      /** Rejected rows of its dataset by why. */
      readonly rejectedByCode?: Readonly<Record<string, number>>
      /** Names of its models whose price is not known. */
      readonly unpriced?: readonly string[]
    }
  | {
      readonly state: 'running'
      readonly runId: string
      readonly pipeline: string
      readonly startedAt: Date
      /** Whether a worker that is alive does it. */
      readonly isServed: boolean
      /** Whether it waits for its own command, instead of the workers of the store. */
      readonly isOfCommand: boolean
      /** Why it is paused; `undefined` while it is not. */
      readonly pausedReason: string | undefined
      readonly progress: Progress | undefined
      readonly handle: RunHandle
    }
  /** Begun, but the server knows nothing of it; the same run id resumes it. */
  | { readonly state: 'left'; readonly runId: string }

/**
 * Finds a run by its dataset, on the server, or in the store.
 *
 * @throws RetortError `run-unknown`
 */
export async function showRun(
  { client, store, storeId }: RunPlace,
  runId: string,
): Promise<ShownRun> {
  const seen = await describe(client, runId)
  const execution = seen?.memo?.['storeId'] === storeId ? seen : undefined
  if (execution?.status.name !== 'RUNNING') {
    const stored = (await listDatasets(store)).find(({ version }) => version === runId)
    if (stored !== undefined) {
      const manifest = await readManifest(store, stored.name, stored.version)
      const result = storedResult(store.uri, manifest)
      const { byCode } = manifest.rejected
      return {
        state: 'ended',
        result,
        startedAt: execution?.startTime,
        rejectedByCode: byCode,
        unpriced: unpricedModels(manifest),
      }
    }
  }
  if (execution === undefined) {
    if ((await store.head(planKey(runId))) !== undefined) return { state: 'left', runId }
    throw new RetortError(
      'run-unknown',
      `There is no run '${runId}' in ${store.uri}; \`retort list\` shows those there are.`,
    )
  }
  const handle: RunHandle = client.workflow.getHandle(runId)
  const startedAt = execution.startTime
  if (execution.status.name !== 'RUNNING') {
    const ended = await awaitResult(runId, handle, async () => undefined)
    const endedAt = execution.closeTime?.getTime() ?? Date.now()
    const result = { ...ended, seconds: (endedAt - startedAt.getTime()) / 1_000 }
    const paid = await toPaidResult(store, pipelineOf(execution), result)
    return { state: 'ended', result: paid, startedAt }
  }
  const isServed = await hasLiveWorker(store, execution.taskQueue)
  return {
    state: 'running',
    runId,
    pipeline: pipelineOf(execution),
    startedAt,
    isServed,
    isOfCommand: execution.taskQueue === runQueue(storeId, runId),
    pausedReason: pausedReasonOf(execution),
    // Nobody would answer before the server gives up.
    progress: isServed ? await readProgress(client, runId) : undefined,
    handle,
  }
}

function pipelineOf({ memo }: Pick<WorkflowExecutionDescription, 'memo'>): string {
  const pipeline = memo?.['pipeline']
  return typeof pipeline === 'string' ? pipeline : ''
}
