import {
  ApplicationFailure,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import type { WorkflowExecutionDescription } from '@temporalio/client'

import { checkBudget } from '../core/check-budget.ts'
import { isErrorCode, RetortError } from '../core/errors.ts'
import { parsePlan } from '../core/parse-plan.ts'
import { planKey } from '../core/plan.ts'
import type { Plan } from '../core/plan.ts'
import { readSettings } from '../core/read-settings.ts'
import type { SettingChange } from '../core/read-settings.ts'
import { runQueue, workflowNames } from '../core/run-names.ts'
import { namePattern } from '../core/spec.ts'
import { listDatasets } from '../storage/dataset/read-manifest.ts'
import type { Store } from '../storage/store.ts'
import { hasLiveWorker } from './live-workers.ts'
import { describe, pausedReasonOf, terminate } from './start-workflow.ts'
import type { RunPlace } from './start-workflow.ts'

/** How long a worker may take to answer. */
const answerMilliseconds = 30_000

/**
 * Lets no further call of a run start; calls in flight finish.
 *
 * @returns what is so from here on, as one sentence
 * @throws RetortError `run-unknown`; `run-not-live` where there is nothing to pause
 */
export async function pauseRun(place: RunPlace, run: string): Promise<string> {
  await findServed(place, run, 'pause')
  return await update(place, run, workflowNames.pause)
}

/**
 * Lets a paused run go on.
 *
 * @returns what is so from here on, as one sentence
 * @throws RetortError `run-unknown`; `run-not-live` where there is nothing to resume
 */
export async function resumeRun(place: RunPlace, run: string): Promise<string> {
  await findServed(place, run, 'resume')
  return await update(place, run, workflowNames.resume)
}

/**
 * Changes what a run is set to while it goes.
 *
 * @returns what is so from here on, as one sentence
 * @throws RetortError `setting-invalid` where a setting is unknown or a value wrong, and then nothing has changed;
 * `run-unknown`; `run-not-live`
 */
export async function setRun(
  place: RunPlace,
  run: string,
  changes: readonly SettingChange[],
): Promise<string> {
  await findServed(place, run, 'set')
  const plan = await readPlan(place.store, run)
  if (plan !== undefined) checkChanges(plan, changes)
  return await update(place, run, workflowNames.set, changes)
}

/**
 * Ends a run: no further call starts, and those in flight finish. The same run id goes on with it.
 *
 * @returns what is so from here on, as one sentence
 * @throws RetortError `run-unknown`; `run-not-live` where there is nothing to cancel
 */
export async function cancelRun(place: RunPlace, run: string): Promise<string> {
  const { client, store, storeId } = place
  const seen = await findGoing(place, run, 'cancel')
  const goOn = goOnWith(run, seen.taskQueue === runQueue(storeId, run))
  if (!(await hasLiveWorker(store, seen.taskQueue))) {
    await terminate(client, seen, 'cancelled while nobody served it')
    return `Run '${run}' was served by nobody and is ended; ${goOn}.`
  }
  const handle = client.workflow.getHandle(run, seen.runId)
  await handle.cancel()
  const hasEnded = await client
    .withDeadline(Date.now() + answerMilliseconds, () => handle.result())
    .then(
      () => true,
      async () => (await describe(client, run))?.status.name !== 'RUNNING',
    )
  if (!hasEnded) throw noAnswer(run)
  const { status } = await handle.describe()
  if (status.name === 'COMPLETED')
    throw notLive(`Run '${run}' completed before it could be cancelled.`)
  return `Run '${run}' is cancelled; ${goOn}.`
}

/** An execution that goes on. @throws RetortError that names the state it is in instead */
async function findGoing(
  { client, store, storeId }: RunPlace,
  run: string,
  what: string,
): Promise<WorkflowExecutionDescription> {
  const found = await describe(client, run)
  const seen = found?.memo?.['storeId'] === storeId ? found : undefined
  if (seen?.status.name === 'RUNNING') return seen
  if ((await listDatasets(store)).some(({ version }) => version === run))
    throw notLive(`Run '${run}' has completed, so there is nothing to ${what}.`)
  const goOn = goOnWith(run, seen === undefined || seen.taskQueue === runQueue(storeId, run))
  if (seen !== undefined)
    throw notLive(
      `Run '${run}' has ended as ${seen.status.name.toLowerCase().replace('_', ' ')}, so there is nothing to ${what}; ${goOn}.`,
    )
  if (namePattern.test(run) && (await store.head(planKey(run))) !== undefined)
    throw notLive(`Run '${run}' was left unfinished, so there is nothing to ${what}; ${goOn}.`)
  throw new RetortError(
    'run-unknown',
    `There is no run '${run}' in ${store.uri}; \`retort list\` shows those there are.`,
  )
}

/** An execution that a live worker does. */
async function findServed(place: RunPlace, run: string, what: string): Promise<void> {
  const seen = await findGoing(place, run, what)
  if (await hasLiveWorker(place.store, seen.taskQueue)) return
  if (seen.taskQueue === runQueue(place.storeId, run))
    throw notLive(
      `Nobody serves run '${run}', which its command has left, so that it spends nothing; ${goOnWith(run, true)}.`,
    )
  const then =
    pausedReasonOf(seen) === undefined
      ? 'the run goes on then'
      : `it stays paused until you ${what} it then`
  throw notLive(
    `No worker serves run '${run}', so that it spends nothing; \`retort worker\` starts one, and ${then}.`,
  )
}

/** Asks the run's workflow, which refuses what does not go. */
async function update(
  { client }: RunPlace,
  run: string,
  name: string,
  changes?: readonly SettingChange[],
): Promise<string> {
  const handle = client.workflow.getHandle(run)
  try {
    return await client.withDeadline(Date.now() + answerMilliseconds, () =>
      changes === undefined
        ? handle.executeUpdate<string, []>(name)
        : handle.executeUpdate<string, [readonly SettingChange[]]>(name, { args: [changes] }),
    )
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      const { type, message } = error.cause
      const code = typeof type === 'string' && isErrorCode(type) ? type : 'internal'
      throw new RetortError(code, message, { cause: error })
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw noAnswer(run)
    if (error instanceof WorkflowNotFoundError)
      throw notLive(`Run '${run}' ended a moment ago; \`retort show ${run}\` tells how.`)
    throw error
  }
}

/** What the workflow cannot check: it knows no prices. */
function checkChanges(plan: Plan, changes: readonly SettingChange[]): void {
  const steps = plan.steps.map(({ name, model }) => ({
    name,
    limitGroup: model?.limitGroup ?? null,
  }))
  const { budget } = readSettings(changes, steps)
  const models = plan.steps.flatMap(({ name: step, model }) =>
    model === null ? [] : [{ ...model, step }],
  )
  if (budget !== undefined) checkBudget(budget, models)
}

async function readPlan(store: Store, run: string): Promise<Plan | undefined> {
  const bytes = await store.get(planKey(run))
  return bytes === undefined ? undefined : parsePlan(bytes)
}

function goOnWith(run: string, isOfCommand: boolean): string {
  return `\`retort ${isOfCommand ? 'run' : 'start'} FILE --run-id ${run}\` goes on with it`
}

function notLive(message: string): RetortError {
  return new RetortError('run-not-live', message)
}

function noAnswer(run: string): RetortError {
  return new RetortError(
    'timeout',
    `The worker that serves run '${run}' has not answered for ${answerMilliseconds / 1_000} s; look with \`retort show ${run}\` whether it has done so since.`,
  )
}
