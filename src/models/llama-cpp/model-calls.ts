import { RetortError, isRetortError, messageOf } from '../../core/errors.ts'

/** Runs the calls of a model, and throws Retort's errors, also where the model is closed under them. */
export class ModelCalls {
  readonly #who: string
  readonly #closed: RetortError
  #isClosed = false

  constructor(who: string) {
    this.#who = who
    this.#closed = new RetortError('worker-stopping', `${who} was closed before it was done.`)
  }

  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw this.#closed
    try {
      return await work()
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      if (this.#isClosed) throw this.#closed
      if (isRetortError(error)) throw error
      const why = messageOf(error).replace(/\.$/, '')
      throw new RetortError('internal', `${this.#who} failed: ${why}.`, { cause: error })
    }
  }

  /** Gives what calls throw from then on. */
  close(): RetortError {
    this.#isClosed = true
    return this.#closed
  }
}
