import type { RetortWorker } from '../../activities/worker.ts'
import type { Registry } from '../core/registry.ts'
import { sharedQueue } from '../core/run-names.ts'
import { builtInRegistry } from '../registry.ts'
import type { OpenPlace } from './open-place.ts'

/** Code of a pipeline that a worker is to know. */
export interface ServedCode {
  readonly registry: Registry
  readonly code: string | null
}

/** Workers of this process for the runs of a store. */
export interface Service {
  readonly queues: readonly string[]
  /** Ends when the workers have; rejects where one cannot go on. */
  readonly ended: Promise<void>
  /** Starts no further call, lets those in flight finish, and ends. */
  stop(): void
}

/** Works on a store's runs: those that are built in altogether, and those with the code given. */
export async function serveRuns(
  { store, storeId, temporal }: OpenPlace,
  codes: readonly ServedCode[],
  logLevel: 'info' | 'warn',
): Promise<Service> {
  const { createContext, createWorker, createWorkerProcess } =
    await import('../../activities/worker.ts')
  const served = new Map<string | null, Registry>([[null, builtInRegistry]])
  for (const { code, registry } of codes) if (code !== null) served.set(code, registry)
  const { connection, namespace } = temporal
  const shared = createWorkerProcess({ connection, namespace })
  const workers: RetortWorker[] = []
  const queues: string[] = []
  for (const [code, registry] of served) {
    const context = createContext({ store, storeId, registry, code, environment: process.env })
    const queue = sharedQueue(storeId, code)
    workers.push(
      await createWorker(context, {
        connection,
        namespace,
        queues: [{ name: queue, isOwn: false }],
        process: shared,
        logLevel,
      }),
    )
    queues.push(queue)
  }
  const stop = () => {
    for (const worker of workers) worker.stop()
  }
  const running = workers.map((worker) => worker.run())
  // One that cannot go on takes the others with it: half a service would look like a whole one.
  for (const each of running) each.catch(stop)
  return { queues, stop, ended: untilAll(running, shared) }
}

async function untilAll(
  running: readonly Promise<void>[],
  shared: { close(): Promise<void> },
): Promise<void> {
  try {
    await Promise.all(running)
  } finally {
    await shared.close()
  }
}
