import type { Client } from '@temporalio/client'

/**
 * Calls to a server that end before its connection does.
 *
 * A call that waits to be repeated while its connection is closed ends the process.
 */
export class CancellableCalls {
  readonly #client: Client
  readonly #left = new AbortController()
  readonly #going = new Set<Promise<unknown>>()

  constructor(client: Client) {
    this.#client = client
  }

  /** Makes calls, those within too; rejects once they are cancelled. */
  async make<T>(work: () => Promise<T>): Promise<T> {
    // The client heeds only what is aborted while it calls.
    this.#left.signal.throwIfAborted()
    const going = this.#client.withAbortSignal(this.#left.signal, work)
    this.#going.add(going)
    try {
      return await going
    } finally {
      this.#going.delete(going)
    }
  }

  /** Ends the calls that are going; the connection can be closed then. */
  async cancel(): Promise<void> {
    this.#left.abort()
    await Promise.allSettled(this.#going)
  }
}
