import { RetortError } from '../src/core/errors.ts'

/** The heartbeat timeout of an attempt, less the 15 s for which the SDK holds heartbeats back and the 5 s between two of them. */
const longestSilence = 40_000

/**
 * Notices that an attempt stood still, as on a machine that slept, for so long that another has its work.
 *
 * An attempt that stood still once stays ended, whatever its clock says later.
 */
export class Pulse {
  readonly #now: () => number
  readonly #still = new AbortController()
  #beatAt: number

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#beatAt = now()
  }

  /** Aborts when the attempt is found to have stood still. */
  get signal(): AbortSignal {
    return this.#still.signal
  }

  /** Says that the attempt is alive; to be called every few seconds. */
  beat(): void {
    this.#look()
    this.#beatAt = this.#now()
  }

  /** @throws RetortError `timeout` where the attempt stood still */
  check(): void {
    this.#look()
    this.signal.throwIfAborted()
  }

  #look(): void {
    const silence = this.#now() - this.#beatAt
    if (silence <= longestSilence || this.signal.aborted) return
    this.#still.abort(
      new RetortError(
        'timeout',
        `This attempt stood still for ${Math.round(silence / 1_000)} s, so that another may have its work; it makes no further calls.`,
      ),
    )
  }
}
