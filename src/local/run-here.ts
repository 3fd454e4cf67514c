import type { ModelSpec } from '../core/llm-spec.ts'
import { modelIn } from '../core/model-param.ts'
import type { RetortWorker } from '../../activities/worker.ts'
import { readProgress } from '../client/read-progress.ts'
import type { Progress } from '../core/run-report.ts'
import { toPaidResult } from '../client/paid-result.ts'
import { awaitResult, endedResult, interruptedResult, storedResult } from '../client/run-result.ts'
import type { RunResult } from '../core/run-report.ts'
import { clearTheWay, isLeft, startWorkflow } from '../client/start-workflow.ts'
import { runUrl } from '../client/temporal.ts'
import { RetortError } from '../core/errors.ts'
import type { Registry } from '../core/registry.ts'
import { resolvePipeline } from '../core/resolve-pipeline.ts'
import { runQueue } from '../core/run-names.ts'
import type { RunRequest } from '../core/run-request.ts'
import { namePattern } from '../core/spec.ts'
import type { PipelineSpec } from '../core/spec.ts'
import { CancellableCalls } from './cancellable-calls.ts'
import { openPlace } from './open-place.ts'
import type { OpenPlace } from './open-place.ts'
import { attachToRun } from './attach-to-run.ts'
import { requestSettings } from './request-settings.ts'
import type { RunOptions } from './run-options.ts'
import { settleRunId } from './settle-run-id.ts'
import { watchRun } from './watch-run.ts'

/** A pipeline with the code of its steps. */
export interface RunnablePipeline {
  readonly spec: PipelineSpec
  readonly registry: Registry
  /** Hash of its custom code; `null` where all of it is built in. */
  readonly code: string | null
}

/** A run that a worker in this process serves, or one that was found going and is watched. */
export interface RunSession {
  readonly runId: string
  /** The run in the Temporal UI, where that is known. */
  readonly url: string | undefined
  readonly place: OpenPlace
  /** Whether another process serves it. */
  readonly isAttached: boolean
  /** Whether it had completed before, so that its result is there already. */
  readonly isComplete: boolean
  /** How the run ended. Never rejects for what the run itself did. */
  readonly result: Promise<RunResult>
  progress(): Promise<Progress | undefined>
  /** Model calls of this process that wait for an answer. */
  callsInFlight(): number
  /** Why this process does not ask a provider at the moment, as one sentence. */
  blockedReason(): string | null
  /** Starts no further call, lets those in flight finish and leaves the run resumable. */
  interrupt(): Promise<void>
  close(): Promise<void>
}

/** How a run is done in this process. */
export interface RunHereOptions extends RunOptions {
  /** A run whose rows and answers this one takes. */
  readonly continues?: string | undefined
  /** The folder that relative paths of sources mean; by default this process's. */
  readonly workingFolder?: string | undefined
  /** Whether it only shows what the pipeline does, so that its dataset never becomes the latest. */
  readonly isPreview?: boolean | undefined
}

/** Checks options before anything is opened. @throws RetortError `usage`, or what is wrong with the pipeline */
export function checkRun({ spec, registry }: RunnablePipeline, options: RunOptions): void {
  if (
    options.runId !== undefined &&
    (!namePattern.test(options.runId) || options.runId === 'latest')
  )
    throw new RetortError(
      'usage',
      `The run id '${options.runId}' is none: it takes 1 to 200 letters, digits, '.', '_' or '-', and not 'latest'.`,
    )
  if (
    options.maxRows !== undefined &&
    !(Number.isSafeInteger(options.maxRows) && options.maxRows > 0)
  )
    throw new RetortError(
      'usage',
      `--max-rows is ${options.maxRows}; it takes a whole number of 1 or more.`,
    )
  requestSettings(options)
  resolvePipeline(spec, { registry, environment: process.env })
}

/** Starts a run with a worker in this process, or attaches to one that is going. */
export async function runHere(
  pipeline: RunnablePipeline,
  options: RunHereOptions = {},
): Promise<RunSession> {
  checkRun(pipeline, options)
  const workerModule = import('../../activities/worker.ts')
  const place = await openPlace(options)
  try {
    return await startIn(place, pipeline, options, await workerModule)
  } catch (error) {
    await place.close()
    throw error
  }
}

async function startIn(
  place: OpenPlace,
  pipeline: RunnablePipeline,
  options: RunHereOptions,
  workerModule: typeof import('../../activities/worker.ts'),
): Promise<RunSession> {
  const { spec, registry, code } = pipeline
  const { createWorker, createContext, recheckRun } = workerModule
  const { store, storeId, temporal } = place
  const request: RunRequest = {
    version: 1,
    spec,
    maxRows: options.maxRows ?? null,
    workingFolder: options.workingFolder ?? process.cwd(),
    ...(options.fresh === true ? { isFresh: true } : {}),
    ...(options.isPreview === true ? { isPreview: true } : {}),
    ...(options.continues === undefined ? {} : { continues: options.continues }),
    settings: requestSettings(options),
  }
  const context = createContext({ store, storeId, registry, code, environment: process.env })
  const acceptsChanges = options.acceptChanges ?? false
  const { runId, stored } = await settleRunId(store, spec.name, options, (run) =>
    recheckRun(context, run, request),
  )
  const url = runUrl(temporal, runId)
  let seen: Progress | undefined
  const calls = new CancellableCalls(place.client)
  const progress = () =>
    calls.make(async () => (seen = (await readProgress(place.client, runId)) ?? seen))
  const session = {
    runId,
    url,
    place,
    progress,
    callsInFlight: () => 0,
    blockedReason: () => null,
    async close() {
      await calls.cancel()
      await place.close()
    },
  }
  if (stored !== undefined)
    return {
      ...session,
      isAttached: true,
      isComplete: true,
      result: Promise.resolve(storedResult(store.uri, stored)),
      interrupt: async () => {},
    }
  const start = {
    run: runId,
    request,
    acceptsChanges,
    isConcurrent: options.concurrent ?? false,
    onStop: options.onStop ?? 'fail',
  }
  const way = await clearTheWay(place, start)
  if (way.left !== undefined)
    options.onNotice?.(
      `Run '${way.left}' of this pipeline was left unfinished; --run-id ${way.left} resumes it.`,
    )
  if (way.running !== undefined) {
    const { running } = way
    await attachToRun(place, runId, options)
    return watchRun({
      session,
      ended: calls.make(() => awaitResult(runId, running, async () => seen)),
      isLeft: () => calls.make(() => isLeft(place, runId)),
      async goOn() {
        options.onNotice?.(`Nobody serves run '${runId}' any more; this command goes on with it.`)
        await calls.cancel()
        return await startIn(place, pipeline, { ...options, runId }, workerModule)
      },
    })
  }
  const queue = runQueue(storeId, runId)
  const worker = await createWorker(context, {
    connection: temporal.connection,
    namespace: temporal.namespace,
    queues: [{ name: queue, isOwn: true }],
    models: modelsOf(spec),
  })
  const serving = worker.run()
  try {
    const handle = await startWorkflow(place, { ...start, code, queue, activityQueue: null })
    const ended = calls.make(() => awaitResult(runId, handle, progress))
    const served = serve(runId, worker, serving, ended, () => seen)
    const result = served.result.then((own) => toPaidResult(store, spec.name, own))
    return { ...session, ...served, result }
  } catch (error) {
    worker.stop()
    await serving.catch(() => {})
    throw error
  }
}

function modelsOf({ steps }: PipelineSpec): ModelSpec[] {
  const models = steps.flatMap(({ params }) => modelIn(params)?.model ?? [])
  // The pipeline has been checked, so what stands there names a model.
  return models as unknown as ModelSpec[]
}

/** The result of a run that this process serves: its own end, or the worker's. */
function serve(
  runId: string,
  worker: RetortWorker,
  serving: Promise<void>,
  result: Promise<RunResult>,
  seen: () => Progress | undefined,
) {
  const startedAt = Date.now()
  let isInterrupted = false
  const stop = async () => {
    worker.stop()
    await serving.catch(() => {})
  }
  const toItsEnd = async () => {
    const own = await result
    await stop()
    return own
  }
  const ended = toItsEnd()
  const served = serving.then(
    () => (isInterrupted ? interruptedResult(runId, startedAt, seen()) : ended),
    (error: unknown) => endedResult(runId, error, (Date.now() - startedAt) / 1_000, seen()),
  )
  return {
    isAttached: false,
    isComplete: false,
    result: Promise.race([ended, served]),
    callsInFlight: () => worker.callsInFlight(),
    blockedReason: () => worker.blockedReason(),
    async interrupt() {
      isInterrupted = true
      await stop()
    },
  }
}
