import { hashJson } from '../src/core/hash.ts'
import { RetortError } from '../src/core/errors.ts'
import type { RetortError as RunError } from '../src/core/errors.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import type { Clock } from '../src/core/clock.ts'
import type { Store } from '../src/storage/store.ts'
import { readControl, superseded } from './run-control.ts'
import type { Control, ControlRef } from './run-control.ts'

const readMilliseconds = 1_000
/** No call starts on a reading older than this. */
const staleMilliseconds = 5_000
/** How long a batch waits for the store before it is handed back. */
const patienceMilliseconds = 30_000
/** When a batch of a paused run looks again whether it may go on. */
const retryAfterMs = 5_000

/** What stopped the calls of an execution, until it is resumed. */
export interface Stop {
  readonly error: RunError
  /** Of the execution's resumes, the one that it happened after. */
  readonly generation: number
}

/** What one execution of a run may do, read once a second while it is at work in this process. */
export class RunWatch {
  readonly #store: Store
  readonly #ref: ControlRef
  readonly #clock: Clock
  readonly #listeners = new Set<() => void>()
  #control: Control | undefined
  /** When the last successful reading began. */
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #stop: Stop | undefined
  #hold = new AbortController()
  #cancelTimer: () => void

  constructor(store: Store, ref: ControlRef, clock: Clock, stopped: Stop | undefined) {
    this.#store = store
    this.#ref = ref
    this.#clock = clock
    this.#stop = stopped
    this.#cancelTimer = this.#readLater()
  }

  get generation(): number {
    return this.#control?.generation ?? 0
  }

  get settings(): RunSettings {
    return this.#control?.settings ?? {}
  }

  get stopped(): Stop | undefined {
    return this.#stop
  }

  /** Aborts, or is aborted, while no call may start; one that was aborted stays so after a resume. */
  get held(): AbortSignal {
    return this.#hold.signal
  }

  isFresh(generation: number): boolean {
    return this.#clock.now() - this.#readAt <= staleMilliseconds && this.generation >= generation
  }

  /** Returns when the control object was read a moment ago, and after the resume that is asked for. */
  async untilFresh(generation: number, signal: AbortSignal): Promise<void> {
    const giveUpAt = this.#clock.now() + patienceMilliseconds
    for (let tries = 0; !this.isFresh(generation); tries++) {
      signal.throwIfAborted()
      await this.#read()
      // One that was under way may have begun too early.
      if (tries === 0 || this.isFresh(generation)) continue
      if (this.#clock.now() > giveUpAt)
        throw new RetortError(
          'store-unavailable',
          `Whether run '${this.#ref.run}' may go on cannot be read from the store; it waits.`,
          { retryAfterMs },
        )
      await this.#rest(signal)
    }
  }

  /** Holds the calls of the generation that an error stopped. */
  stop(stop: Stop): void {
    if (this.#stop !== undefined || stop.generation < this.generation) return
    this.#stop = stop
    this.#settle()
  }

  /** Calls back when the settings change, until the returned function is called. */
  onSettings(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  end(): void {
    this.#cancelTimer()
  }

  #readLater(): () => void {
    return this.#clock.after(readMilliseconds, () => {
      this.#cancelTimer = this.#readLater()
      void this.#read()
    })
  }

  #read(): Promise<void> {
    return (this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined)))
  }

  async #readOnce(): Promise<void> {
    const begunAt = this.#clock.now()
    try {
      const stored = await readControl(this.#store, this.#ref.run)
      const before = hashJson(this.settings)
      this.#readAt = begunAt
      this.#control = stored?.control
      if (this.#stop !== undefined && this.#stop.generation < this.generation)
        this.#stop = undefined
      this.#settle()
      if (hashJson(this.settings) !== before) for (const changed of this.#listeners) changed()
    } catch {
      // The reading stays as old as it is, and calls wait.
    }
  }

  #settle(): void {
    const reason = this.#reason()
    const { aborted, reason: before } = this.#hold.signal
    if (aborted && (reason === undefined || reason.message !== (before as RunError).message))
      this.#hold = new AbortController()
    if (reason !== undefined) this.#hold.abort(reason)
  }

  #reason(): RunError | undefined {
    const { run, execution } = this.#ref
    if (this.#control !== undefined && this.#control.execution !== execution) return superseded(run)
    if (this.#stop !== undefined) return this.#stop.error
    const paused = this.#control?.paused ?? null
    if (paused === null) return undefined
    return new RetortError('run-paused', `Run '${run}' is paused: ${paused}`, { retryAfterMs })
  }

  async #rest(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(readMilliseconds, () => {
        signal.removeEventListener('abort', wake)
        resolve()
      })
      const wake = () => {
        cancel()
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
