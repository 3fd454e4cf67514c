import { WorkflowNotFoundError } from '@temporalio/client'
import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client'

import type { RunOutcome } from '../../activities/activities.ts'
import type { RunInput } from '../../workflows/run-input.ts'
import { canonicalJson } from '../core/json.ts'
import { RetortError } from '../core/errors.ts'
import { lockId, workflowNames } from '../core/run-names.ts'
import { requestKey } from '../core/run-request.ts'
import type { RunRequest } from '../core/run-request.ts'
import type { OnStop } from '../core/run-settings.ts'
import type { Store } from '../storage/store.ts'
import { hasLiveWorker } from './live-workers.ts'

/** Where runs are started: a Temporal server and a store. */
export interface RunPlace {
  readonly client: Client
  readonly store: Store
  readonly storeId: string
}

/** A run to start. */
export interface RunStart {
  readonly run: string
  readonly request: RunRequest
  readonly code: string | null
  /** The queue of the workflow, and of the activities unless these have one of their own. */
  readonly queue: string
  readonly activityQueue: string | null
  readonly isConcurrent: boolean
  readonly acceptsChanges: boolean
  /** Default `fail`. */
  readonly onStop?: OnStop
}

/** The workflow of a run. */
export type RunHandle = WorkflowHandle<(input: RunInput) => Promise<RunOutcome>>

/** What stands in the way of a start. */
export interface WayCleared {
  /** The run is going already, served by a live worker: attach to it. */
  readonly running: RunHandle | undefined
  /** Another run of the pipeline that nobody served; it was ended and can be resumed. */
  readonly left: string | undefined
}

/**
 * Makes way for a start: ends the executions that nobody serves any more.
 *
 * Decide this before the command's own worker is started, which would look like one of theirs.
 *
 * @throws RetortError `pipeline-running` where another run of the pipeline is served, `run-foreign` where the
 * run id belongs to another store
 */
export async function clearTheWay(
  place: RunPlace,
  start: Omit<RunStart, 'queue' | 'activityQueue' | 'code'>,
): Promise<WayCleared> {
  const { client, store, storeId } = place
  const own = await describe(client, start.run)
  if (own !== undefined && own.memo?.['storeId'] !== undefined && own.memo['storeId'] !== storeId)
    throw new RetortError(
      'run-foreign',
      `Run '${start.run}' belongs to another store; choose another --run-id, or name its store with --store.`,
    )
  if (own?.status.name === 'RUNNING') {
    if (await hasLiveWorker(store, own.taskQueue))
      return { running: client.workflow.getHandle(start.run), left: undefined }
    await terminate(client, own, 'nobody serves it any more; the run goes on in a new execution')
  }
  const lock = await describe(client, lockId(storeId, start.request.spec.name))
  if (lock?.status.name !== 'RUNNING') return { running: undefined, left: undefined }
  const holderId = lock.parentExecution?.workflowId
  if (holderId === start.run || holderId == null) {
    // Another command may have started the run anew a moment ago, and that execution's lock is no relic.
    if (holderId == null || lock.parentExecution?.runId === own?.runId)
      await terminate(client, lock, 'its run goes on in a new execution')
    return { running: undefined, left: undefined }
  }
  if (start.isConcurrent) return { running: undefined, left: undefined }
  const holder = await describe(client, holderId)
  const paused = holder?.status.name === 'RUNNING' ? pausedReasonOf(holder) : undefined
  if (paused !== undefined)
    throw new RetortError(
      'pipeline-running',
      `Run '${holderId}' of pipeline '${start.request.spec.name}' is paused: ${paused} Resume or cancel it, or start this one with --concurrent.`,
      { data: { run: holderId } },
    )
  if (holder?.status.name === 'RUNNING' && (await hasLiveWorker(store, holder.taskQueue)))
    throw new RetortError(
      'pipeline-running',
      `Run '${holderId}' of pipeline '${start.request.spec.name}' is going; wait for it, or start this one with --concurrent.`,
      { data: { run: holderId } },
    )
  const isUnfinished = holder?.status.name === 'RUNNING'
  if (isUnfinished) await terminate(client, holder, 'nobody serves it any more; it can be resumed')
  await terminate(client, lock, 'its run has ended')
  return { running: undefined, left: isUnfinished ? holderId : undefined }
}

/** Stores a run's request and starts its workflow; where two start one run at once, both get the same one. */
export async function startWorkflow(
  { client, store, storeId }: RunPlace,
  start: RunStart,
): Promise<RunHandle> {
  const { run, request, code, queue, activityQueue, isConcurrent, acceptsChanges } = start
  const specKey = requestKey(run, request)
  await store.putIfAbsent(specKey, new TextEncoder().encode(canonicalJson(request)))
  const input: RunInput = {
    storeId,
    run,
    pipeline: request.spec.name,
    code,
    specKey,
    activityQueue,
    isConcurrent,
    acceptsChanges,
    onStop: start.onStop ?? 'fail',
  }
  return await client.workflow.start<(input: RunInput) => Promise<RunOutcome>>(workflowNames.run, {
    workflowId: run,
    taskQueue: queue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    memo: { storeId, store: store.uri, pipeline: request.spec.name },
    staticSummary: `pipeline ${request.spec.name}`,
  })
}

/** Whether a run goes on and no live worker serves it. */
export async function isLeft({ client, store }: RunPlace, run: string): Promise<boolean> {
  const seen = await describe(client, run)
  return seen?.status.name === 'RUNNING' && !(await hasLiveWorker(store, seen.taskQueue))
}

/** Why a run is paused, as the server knows it also where no worker can be asked; `undefined` where it is not. */
export function pausedReasonOf({
  memo,
}: Pick<WorkflowExecutionDescription, 'memo'>): string | undefined {
  const reason = memo?.['pausedReason']
  return typeof reason === 'string' ? reason : undefined
}

/** What the server knows of a workflow; `undefined` where it knows none of that id. */
export async function describe(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe()
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Ends an execution, unless it has ended. */
export async function terminate(
  client: Client,
  seen: WorkflowExecutionDescription,
  reason: string,
): Promise<void> {
  try {
    await client.workflow.getHandle(seen.workflowId, seen.runId).terminate(reason)
  } catch (error) {
    // It has ended meanwhile, which is as good.
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
