import { LRUCache } from 'lru-cache'

import type { RetortError } from '../src/core/errors.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import { systemClock } from '../src/core/clock.ts'
import type { Clock } from '../src/core/clock.ts'
import type { Store } from '../src/storage/store.ts'
import type { ControlRef } from './run-control.ts'
import { RunWatch } from './run-watch.ts'
import type { Stop } from './run-watch.ts'

const stoppedAtHand = 256

/** What a batch asks before each call. */
export interface RunGate {
  /** Aborts when no further call of this attempt may start, with the error that says why. */
  readonly signal: AbortSignal
  /** Returns when a call may start. @throws RetortError what the signal's reason is, or that the store is away */
  pass(): Promise<void>
  /** What the run is set to, as of the last reading. */
  settings(): RunSettings
  /** Calls back when a reading finds the run set otherwise, until the batch is over. */
  onSettings(changed: () => void): void
  /** Lets no further call of this execution start in this process, until the run is resumed. */
  stop(error: RetortError): void
}

/** One attempt of a batch. */
export interface GatedAttempt {
  /** Aborts when the attempt is to end. */
  readonly signal: AbortSignal
  /** @throws where the attempt must not go on, although nobody told it so yet */
  check(): void
}

/** Lets calls of a run start only while its control object allows that. */
export class RunGates {
  readonly #store: Store
  readonly #clock: Clock
  readonly #watches = new Map<string, { readonly watch: RunWatch; users: number }>()
  /** What stopped executions, for batches that begin after the last one has left. */
  readonly #stopped = new LRUCache<string, Stop>({ max: stoppedAtHand })
  readonly #closed = new AbortController()

  constructor(store: Store, clock: Clock = systemClock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Runs a batch's work once its run may make calls.
   *
   * @param generation - how often the run had been resumed when the batch was scheduled
   * @throws RetortError `run-paused` while it is paused, what stopped it, or `run-superseded`
   */
  async use<T>(
    ref: ControlRef,
    generation: number,
    attempt: GatedAttempt,
    work: (gate: RunGate) => Promise<T>,
  ): Promise<T> {
    const id = `${ref.run}/${ref.execution}`
    const shared = this.#watches.get(id) ?? {
      watch: new RunWatch(this.#store, ref, this.#clock, this.#stopped.get(id)),
      users: 0,
    }
    const { watch } = shared
    this.#watches.set(id, shared)
    shared.users++
    const listeners: (() => void)[] = []
    try {
      const outside = AbortSignal.any([attempt.signal, this.#closed.signal])
      await watch.untilFresh(generation, outside)
      const held = watch.held
      const signal = AbortSignal.any([outside, held])
      const check = () => {
        attempt.check()
        signal.throwIfAborted()
      }
      check()
      const begun = watch.generation
      return await work({
        signal,
        async pass() {
          check()
          if (!watch.isFresh(generation)) await watch.untilFresh(generation, signal)
          check()
        },
        settings: () => watch.settings,
        onSettings: (changed) => listeners.push(watch.onSettings(changed)),
        stop: (error) => watch.stop({ error, generation: begun }),
      })
    } finally {
      for (const stopListening of listeners) stopListening()
      if (--shared.users === 0) {
        watch.end()
        if (watch.stopped !== undefined) this.#stopped.set(id, watch.stopped)
        this.#watches.delete(id)
      }
    }
  }

  /** Lets no further call of any run start in this process, for good. */
  close(reason: RetortError): void {
    this.#closed.abort(reason)
  }
}
