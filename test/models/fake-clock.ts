import type { Clock } from '../../src/core/clock.ts'

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 1_000_000
  #timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>()

  now(): number {
    return this.#now
  }

  get timers(): number {
    return this.#timers.size
  }

  after(milliseconds: number, callback: () => void): () => void {
    const id = Symbol()
    this.#timers.set(id, { at: this.#now + Math.max(0, milliseconds), callback })
    return () => void this.#timers.delete(id)
  }

  /** Moves on, and lets everything happen that was due meanwhile, in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settle()
    for (;;) {
      const next = [...this.#timers].toSorted(([, a], [, b]) => a.at - b.at)[0]
      if (next === undefined || next[1].at > end) break
      this.#timers.delete(next[0])
      this.#now = Math.max(this.#now, next[1].at)
      next[1].callback()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets every promise settle that waits for nothing but other promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
