import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp'

interface Waiting {
  resolve(sequence: LlamaContextSequence): void
  reject(error: unknown): void
}

/** Lends the sequences of a context, each to one answer at a time; who finds none waits for the first to come back. */
export class SequencePool {
  readonly #free: LlamaContextSequence[]
  readonly #waiting: Waiting[] = []

  constructor(context: LlamaContext) {
    this.#free = Array.from({ length: context.totalSequences }, () =>
      // Nothing may be forgotten quietly: answers end before a context overflows.
      context.getSequence(),
    )
  }

  /** @param tokens - the prompt; the sequence that already holds most of its beginning is lent */
  async use<T>(
    tokens: readonly Token[],
    signal: AbortSignal | undefined,
    work: (sequence: LlamaContextSequence) => Promise<T>,
  ): Promise<T> {
    const sequence = this.#takeNearest(tokens) ?? (await this.#wait(signal))
    try {
      return await work(sequence)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(sequence)
      else next.resolve(sequence)
    }
  }

  #takeNearest(tokens: readonly Token[]): LlamaContextSequence | undefined {
    const shared = this.#free.map(
      (sequence) => sequence.compareContextTokens([...tokens]).firstDifferentIndex,
    )
    const nearest = shared.indexOf(Math.max(...shared))
    return this.#free.splice(nearest, 1)[0]
  }

  /** Turns away who waits. */
  close(reason: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }

  async #wait(signal: AbortSignal | undefined): Promise<LlamaContextSequence> {
    const { promise, resolve, reject } = Promise.withResolvers<LlamaContextSequence>()
    const waiting = { resolve, reject }
    const leave = () => {
      const at = this.#waiting.indexOf(waiting)
      if (at < 0) return
      this.#waiting.splice(at, 1)
      reject(signal?.reason)
    }
    this.#waiting.push(waiting)
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }
}
