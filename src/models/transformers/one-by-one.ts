/** Lets one work run at a time, in the order in which they came. */
export class OneByOne {
  #last: Promise<void> = Promise.resolve()

  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#last
    const { promise: done, resolve: finish } = Promise.withResolvers<void>()
    this.#last = before.then(() => done)
    try {
      await untilAborted(before, signal)
      signal?.throwIfAborted()
      return await work()
    } finally {
      finish()
    }
  }
}

async function untilAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await turn
  const { promise: aborted, resolve: leave } = Promise.withResolvers<void>()
  const onAbort = () => leave()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([turn, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
