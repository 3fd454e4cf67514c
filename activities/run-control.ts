import { RetortError } from '../src/core/errors.ts'
import { mergeSettings } from '../src/core/run-settings.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import type { Store } from '../src/storage/store.ts'

/** What `runs/<run>/control` says. */
export interface Control {
  /** Temporal run id of the execution that may make calls. */
  readonly execution: string
  /** Counts the writes of one execution, so that one that comes late changes nothing. */
  readonly revision: number
  /** Why no call starts, as one sentence; `null` while calls may. */
  readonly paused: string | null
  /** Grows with each resume; what stopped the calls of an earlier one holds no longer. */
  readonly generation: number
  readonly settings: RunSettings
}

/** Whose control it is. */
export interface ControlRef {
  readonly run: string
  readonly execution: string
}

/** Where a run's control object is stored. */
export function controlKey(run: string): string {
  return `runs/${run}/control`
}

/** The control object of a run and its version in the store; `undefined` before its first execution. */
export async function readControl(
  store: Store,
  run: string,
): Promise<{ readonly control: Control; readonly version: string } | undefined> {
  const stored = await store.getVersioned(controlKey(run))
  if (stored === undefined) return undefined
  const control = JSON.parse(new TextDecoder().decode(stored.bytes)) as Control
  return { control, version: stored.version }
}

/**
 * Names the execution that may make calls from here on; calls of any other stop within seconds.
 *
 * @param asked - what the execution's request sets; of what it leaves out, the run id's earlier settings hold
 * @param isGoing - asks the server whether the execution still runs. An execution is ended before the next one of its
 * run id starts, so that one which runs at a moment between reading and writing replaces nothing newer.
 * @throws RetortError `run-superseded`
 */
export async function takeControl(
  store: Store,
  { run, execution }: ControlRef,
  asked: RunSettings,
  isGoing: () => Promise<boolean>,
): Promise<Control> {
  for (;;) {
    const stored = await readControl(store, run)
    if (stored?.control.execution === execution) return stored.control
    if (!(await isGoing())) throw superseded(run)
    const settings = mergeSettings(stored?.control.settings ?? {}, asked)
    const control = { execution, revision: 0, paused: null, generation: 0, settings }
    if (await replace(store, run, control, stored?.version)) return control
  }
}

/** Writes what holds for an execution, unless something later is written. @throws RetortError `run-superseded` */
export async function writeControl(store: Store, run: string, control: Control): Promise<void> {
  for (;;) {
    const stored = await readControl(store, run)
    if (stored?.control.execution !== control.execution) throw superseded(run)
    if (stored.control.revision >= control.revision) return
    if (await replace(store, run, control, stored.version)) return
  }
}

/** What an execution gets that is no longer the run's own. */
export function superseded(run: string): RetortError {
  return new RetortError(
    'run-superseded',
    `Run '${run}' goes on in another execution, so this one makes no further calls.`,
  )
}

async function replace(
  store: Store,
  run: string,
  control: Control,
  version: string | undefined,
): Promise<boolean> {
  const bytes = new TextEncoder().encode(JSON.stringify(control))
  return (await store.compareAndSet(controlKey(run), bytes, version)) !== undefined
}
