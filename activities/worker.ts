import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { IllegalStateError } from '@temporalio/common'
import { NativeConnection, Runtime } from '@temporalio/worker'
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker'

import type { ModelSpec } from '../src/core/llm-spec.ts'
import type { RunRequest } from '../src/core/run-request.ts'
import { warmUpParquet } from '../src/storage/parquet/duckdb.ts'
import { createDatasetHub } from '../src/storage/hub/dataset-hub.ts'
import { createSourceFiles } from '../src/storage/source-files.ts'
import { createActivities } from './create-activities.ts'
import type { LiveActivities } from './create-activities.ts'
import { settlePlan } from './plan-run.ts'
import { SignOfLife } from './sign-of-life.ts'
import { createWorkerLog } from './worker-log.ts'
import type { WorkerLogLevel } from './worker-log.ts'
import type { WorkerContext } from './worker-context.ts'
import { WorkerProcess } from './worker-process.ts'

/** Batches that one process works on at once. */
const batchesAtOnce = 100
/** How long calls in flight may take to finish when the worker is asked to stop. */
const graceMilliseconds = 30_000

/** Where a worker gets its work. */
export interface RetortWorkerOptions {
  readonly connection: NativeConnectionOptions
  readonly namespace: string
  readonly queues: readonly WorkerQueue[]
  /** Models that will be asked. Where they are known, all that a run needs is loaded while the worker connects. */
  readonly models?: readonly ModelSpec[]
  /** What the workers of one process share, where it has several; closed by whoever made it. */
  readonly process?: WorkerProcess
  /** Default `error`. */
  readonly logLevel?: WorkerLogLevel
}

/** One task queue that a worker serves. */
export interface WorkerQueue {
  readonly name: string
  /** Whether no other worker serves it, so that this one may take activities without asking the server. */
  readonly isOwn: boolean
}

/** A worker that is connected and about to serve. */
export interface RetortWorker {
  /** Serves until `stop`; rejects where the worker cannot go on. */
  run(): Promise<void>
  /** Model calls that wait for an answer. */
  callsInFlight(): number
  /** Why a provider is not asked at the moment, as one sentence. */
  blockedReason(): string | null
  /** Starts no further call, lets those in flight finish, and hands batches back. */
  stop(): void
}

/** Connects a worker that runs Retort's workflows and activities. */
export async function createWorker(
  context: WorkerContext,
  options: RetortWorkerOptions,
): Promise<RetortWorker> {
  installRuntime(options.logLevel ?? 'error')
  const shared = options.process ?? createWorkerProcess(options)
  const leases = shared.createLeases()
  const release = async () => {
    await leases.close()
    if (options.process === undefined) await shared.close()
  }
  try {
    return await connect(createActivities(context, leases), context, options, shared, release)
  } catch (error) {
    await release()
    throw error
  }
}

async function connect(
  live: LiveActivities,
  context: WorkerContext,
  options: RetortWorkerOptions,
  shared: WorkerProcess,
  release: () => Promise<void>,
): Promise<RetortWorker> {
  const { models } = options
  const warm = models === undefined ? [] : [live.warmUp(models), warmUpParquet()]
  const connection = await NativeConnection.connect(options.connection)
  const workers = await Promise.all(
    options.queues.map(({ name, isOwn }) =>
      shared.workers.create({
        connection,
        namespace: options.namespace,
        taskQueue: name,
        ...workflowCode(),
        activities: live.activities,
        maxConcurrentActivityTaskExecutions: batchesAtOnce,
        activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 8 },
        workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 4 },
        // Reserving places at once would keep a worker with free hands from a shared queue.
        maxEagerActivityReservationsPerWorkflowTask: isOwn ? batchesAtOnce : 0,
        maxCachedWorkflows: 200,
        defaultHeartbeatThrottleInterval: '15 seconds',
        maxHeartbeatThrottleInterval: '15 seconds',
        shutdownGraceTime: graceMilliseconds,
        shutdownForceTime: graceMilliseconds + 5_000,
      }),
    ),
  )
  await Promise.all(warm)
  const signs = options.queues.map(({ name }) => new SignOfLife(context.store, name))
  await Promise.all(signs.map((sign) => sign.begin()))
  return {
    async run() {
      try {
        await Promise.all(workers.map((worker) => worker.run()))
      } finally {
        await Promise.all([...signs.map((sign) => sign.end()), release()])
        await live.close()
        await connection.close()
      }
    },
    callsInFlight: () => live.callsInFlight(),
    blockedReason: () => live.blockedReason(),
    stop() {
      live.stopCalls()
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    },
  }
}

/** What the workers of one process share. */
export function createWorkerProcess(
  options: Pick<RetortWorkerOptions, 'connection' | 'namespace'>,
): WorkerProcess {
  const { connection, namespace } = options
  return new WorkerProcess({ connection, namespace, code: workflowCode() })
}

/** The SDK's runtime is one for the process: the first worker's log is everybody's. */
function installRuntime(logLevel: WorkerLogLevel): void {
  try {
    // Signals are the command's: it closes the limiters before the workers.
    Runtime.install({
      logger: createWorkerLog(logLevel),
      // Left alone, the native part writes to stdout, which is the command's result.
      telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
      shutdownSignals: [],
    })
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error
  }
}

/** The workflows: bundled ahead where the package was built, bundled here where it runs from its source. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url))
  const source = import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js'
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } }
  return { workflowsPath: fileURLToPath(new URL(source, import.meta.url)) }
}

/** What a worker process has, with the adapters that it uses. */
export function createContext(options: Omit<WorkerContext, 'sourceFiles' | 'hub'>): WorkerContext {
  const { environment } = options
  return {
    ...options,
    hub: createDatasetHub(environment),
    sourceFiles: (workingFolder) => createSourceFiles({ workingFolder, environment }),
  }
}

/**
 * Checks that a run that has completed was asked for what is asked for again.
 *
 * @throws RetortError `run-changed` where pipeline or source are others
 */
export async function recheckRun(
  context: WorkerContext,
  run: string,
  request: RunRequest,
): Promise<void> {
  await settlePlan(context, run, request, false, new AbortController().signal)
}
