import { randomInteger } from '../../src/core/random.ts'
import type { Random } from '../../src/core/random.ts'

/** Does what is asked of it in a random order, some of it side by side and some of it twice. */
export class RandomJobs<Worker> {
  readonly #workers: readonly Worker[]
  readonly #random: Random
  readonly #atOnce: number
  readonly #waiting: (() => Promise<void>)[] = []

  constructor(workers: readonly Worker[], random: Random, atOnce: number) {
    this.#workers = workers
    this.#random = random
    this.#atOnce = atOnce
  }

  /** Lets some worker do a job when its turn comes. */
  async do<T>(work: (worker: Worker, attempt: number) => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#waiting.push(async () => {
        const times = this.#random() < 0.1 ? 2 : 1
        const doing = Array.from({ length: times }, (_, index) =>
          work(this.#anyOf(this.#workers), index + 1),
        )
        // Nobody is told before both have ended, so that what happens next does not depend on the time.
        const [first] = await Promise.allSettled(doing)
        if (first?.status === 'fulfilled') resolve(first.value)
        else reject(first?.reason)
      })
    })
  }

  /** Does jobs until something is done that waits for them. */
  async until<T>(waiting: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    waiting.then(settle, settle)
    for (;;) {
      // What waits for the last jobs asks for its next ones first.
      await new Promise((resolve) => setImmediate(resolve))
      if (isSettled) return await waiting
      if (this.#waiting.length === 0) throw new Error('Everything waits, and nothing is to do.')
      const count = Math.min(this.#waiting.length, 1 + randomInteger(this.#random, this.#atOnce))
      const chosen = Array.from(
        { length: count },
        () => this.#waiting.splice(randomInteger(this.#random, this.#waiting.length), 1)[0],
      )
      await Promise.all(chosen.map(async (job) => await job?.()))
    }
  }

  #anyOf<T>(items: readonly T[]): T {
    return items[randomInteger(this.#random, items.length)]!
  }
}
