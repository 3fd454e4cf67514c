import { LRUCache } from 'lru-cache'

import { RetortError } from '../src/core/errors.ts'
import type { RetortError as RunError } from '../src/core/errors.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import type { Store } from '../src/storage/store.ts'

const readMilliseconds = 1_000
/** No call starts on a reading older than this. */
const staleMilliseconds = 5_000
const stoppedAtHand = 256

/** What `runs/<run>/control` says. */
export interface Control {
  /** Temporal run id of the execution that may make calls. */
  readonly execution: string
  /** Why no call starts, as one sentence; `null` while calls may. */
  readonly paused: string | null
  /** Grows with each resume; what stopped the calls of an earlier one holds no longer. */
  readonly generation: number
  readonly settings: RunSettings
}

/** Where a run's control object is stored. */
export function controlKey(run: string): string {
  return `runs/${run}/control`
}

/** Names the execution that may make calls from here on; calls of any other stop within seconds. */
export async function takeControl(store: Store, run: string, execution: string): Promise<void> {
  const control: Control = { execution, paused: null, generation: 0, settings: {} }
  const bytes = new TextEncoder().encode(JSON.stringify(control))
  for (;;) {
    const stored = await store.getVersioned(controlKey(run))
    if ((await store.compareAndSet(controlKey(run), bytes, stored?.version)) !== undefined) return
  }
}

/** Whether one execution of a run may make calls, read once a second while it is at work here. */
interface Watch {
  users: number
  timer: NodeJS.Timeout | undefined
  readAt: number
  reading: Promise<void> | undefined
  stopped: RunError | undefined
  settings: RunSettings
}

/** Lets calls of a run start only while the control object names its execution. */
export class RunControls {
  readonly #store: Store
  readonly #watches = new Map<string, Watch>()
  /** Executions that make no further call, for batches that begin after the last one has left. */
  readonly #stopped = new LRUCache<string, RunError>({ max: stoppedAtHand })

  constructor(store: Store) {
    this.#store = store
  }

  /** Begins to watch; call `leave` when the batch is over. */
  enter(run: string, execution: string): RunGate {
    const id = `${run}/${execution}`
    const watch = this.#watches.get(id) ?? {
      users: 0,
      timer: undefined,
      readAt: 0,
      reading: undefined,
      stopped: this.#stopped.get(id),
      settings: {},
    }
    this.#watches.set(id, watch)
    watch.users++
    const read = () =>
      (watch.reading ??= this.#read(run, execution, watch).finally(
        () => (watch.reading = undefined),
      ))
    watch.timer ??= setInterval(() => void read(), readMilliseconds)
    return {
      async pass() {
        while (watch.stopped === undefined && Date.now() - watch.readAt > staleMilliseconds) {
          const before = watch.readAt
          await read()
          // Reading failed: the store is away, and no call starts until it is back.
          if (watch.readAt === before)
            await new Promise((resolve) => setTimeout(resolve, readMilliseconds))
        }
        if (watch.stopped !== undefined) throw watch.stopped
      },
      settings: () => watch.settings,
      stop: (error) => void (watch.stopped ??= error),
      leave: () => {
        if (--watch.users > 0) return
        clearInterval(watch.timer)
        if (watch.stopped !== undefined) this.#stopped.set(id, watch.stopped)
        this.#watches.delete(id)
      },
    }
  }

  async #read(run: string, execution: string, watch: Watch): Promise<void> {
    try {
      const bytes = await this.#store.get(controlKey(run))
      const control =
        bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as Control)
      watch.readAt = Date.now()
      watch.settings = control?.settings ?? {}
      if (control !== undefined && control.execution !== execution)
        watch.stopped ??= new RetortError(
          'run-superseded',
          `Run '${run}' goes on in another execution, so this one makes no further calls.`,
        )
    } catch {
      // The reading stays as old as it is, and calls wait.
    }
  }
}

/** What a batch asks before each call. */
export interface RunGate {
  /** Returns when a call may start. @throws RetortError where the run goes on elsewhere or has stopped */
  pass(): Promise<void>
  /** What the run is set to, as of the last reading. */
  settings(): RunSettings
  /** Lets no further call of this execution start in this process. */
  stop(error: RunError): void
  leave(): void
}
