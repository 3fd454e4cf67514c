import { clearTheWay, startWorkflow } from '../client/start-workflow.ts'
import { hasLiveWorker } from '../client/live-workers.ts'
import { configuredTemporal, runUrl } from '../client/temporal.ts'
import { isRetortError, messageOf, RetortError } from '../core/errors.ts'
import { sharedQueue } from '../core/run-names.ts'
import type { RunRequest } from '../core/run-request.ts'
import type { PipelineSpec } from '../core/spec.ts'
import { openPlace } from './open-place.ts'
import type { OpenPlace } from './open-place.ts'
import { checkRun } from './run-here.ts'
import type { RunnablePipeline } from './run-here.ts'
import { attachToRun } from './attach-to-run.ts'
import { requestSettings } from './request-settings.ts'
import type { RunOptions } from './run-options.ts'
import { settleRunId } from './settle-run-id.ts'
import { storeUri } from './store-uri.ts'

/** A run that workers of its store do. */
export interface RemoteRun {
  readonly runId: string
  readonly url: string | undefined
  /** Whether it was going already. */
  readonly isAttached: boolean
  /** Whether it has completed, so that there is nothing to do. */
  readonly isComplete: boolean
  /** Whether a worker is there to do it. */
  readonly isServed: boolean
}

/**
 * Starts a run whose work is done by the workers of its store.
 *
 * @throws RetortError `usage` where a server elsewhere could not reach the store or the source
 */
export async function startRemote(
  pipeline: RunnablePipeline,
  options: RunOptions,
): Promise<RemoteRun> {
  checkWithoutKeys(pipeline, options)
  refuseLocalPaths(pipeline.spec, options)
  const place = await openPlace(options)
  try {
    const { spec, code } = pipeline
    const request: RunRequest = {
      version: 1,
      spec,
      maxRows: options.maxRows ?? null,
      workingFolder: process.cwd(),
      ...(options.fresh === true ? { isFresh: true } : {}),
      isUnattended: true,
      settings: requestSettings(options),
    }
    const { runId: run, stored } = await settleRunId(place.store, spec.name, options, (completed) =>
      recheckFromAfar(place, pipeline, completed, request, options.acceptChanges ?? false),
    )
    const start = {
      run,
      request,
      acceptsChanges: options.acceptChanges ?? false,
      isConcurrent: options.concurrent ?? false,
      onStop: options.onStop ?? 'pause',
    }
    const url = runUrl(place.temporal, run)
    const found = { runId: run, url, isAttached: true, isServed: true }
    if (stored !== undefined) return { ...found, isComplete: true }
    const way = await clearTheWay(place, start)
    if (way.left !== undefined)
      options.onNotice?.(
        `Run '${way.left}' of this pipeline was left unfinished; --run-id ${way.left} resumes it.`,
      )
    if (way.running !== undefined) {
      await attachToRun(place, run, options)
      return { ...found, isComplete: false }
    }
    const queue = sharedQueue(place.storeId, null)
    const activityQueue = code === null ? null : sharedQueue(place.storeId, code)
    await startWorkflow(place, { ...start, code, queue, activityQueue })
    const queues = [queue, ...(activityQueue === null ? [] : [activityQueue])]
    const served = await Promise.all(queues.map((name) => hasLiveWorker(place.store, name)))
    return { ...found, isAttached: false, isServed: served.every(Boolean), isComplete: false }
  } finally {
    await place.close()
  }
}

/** The keys are the workers', who check them when they plan the run. */
function checkWithoutKeys(pipeline: RunnablePipeline, options: RunOptions): void {
  try {
    checkRun(pipeline, options)
  } catch (error) {
    if (!isRetortError(error) || error.code !== 'key-missing') throw error
  }
}

/**
 * Checks a run that has completed where neither the model's key nor the source need be at hand: where nobody can tell,
 * it is taken for changed by who accepts changes, and for the same by who does not.
 */
async function recheckFromAfar(
  { store, storeId }: OpenPlace,
  { registry, code }: RunnablePipeline,
  run: string,
  request: RunRequest,
  acceptsChanges: boolean,
): Promise<void> {
  const { createContext, recheckRun } = await import('../../activities/worker.ts')
  const context = createContext({ store, storeId, registry, code, environment: process.env })
  try {
    await recheckRun(context, run, request)
  } catch (error) {
    if (isRetortError(error) && error.code === 'run-changed') throw error
    if (acceptsChanges) throw new RetortError('run-changed', messageOf(error), { cause: error })
  }
}

/** Which parameter of a generator names files. */
const pathParameters: ReadonlyMap<string, string> = new Map([
  ['LoadDataFromFileSystem', 'dataFiles'],
  ['LoadDataFromDisk', 'datasetPath'],
])

function refuseLocalPaths(spec: PipelineSpec, options: RunOptions): void {
  const address = configuredTemporal()?.connection.address
  if (address === undefined || isHere(address)) return
  const store = storeUri(options)
  if (!store.startsWith('s3:'))
    throw new RetortError(
      'usage',
      `Store '${store}' is a folder of this machine, which workers at ${address} cannot reach; name a bucket with --store s3://bucket/prefix.`,
    )
  for (const { name, type, params } of spec.steps) {
    const parameter = pathParameters.get(type)
    if (parameter === undefined) continue
    const files = [params?.[parameter] ?? []].flat()
    const local = files.find((file) => typeof file !== 'string' || !/^(?:s3|hf):\/\//.test(file))
    if (local !== undefined)
      throw new RetortError(
        'usage',
        `Step '${name}' reads ${JSON.stringify(local)} on this machine, which workers at ${address} cannot reach; put it into a bucket, or use \`retort run\`.`,
      )
  }
}

function isHere(address: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(address)
}
