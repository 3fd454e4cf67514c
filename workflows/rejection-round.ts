import { condition } from '@temporalio/workflow'

import type { RejectedCount } from '../src/core/too-many-rejected.ts'
import type { LaneCount } from './run-input.ts'

/**
 * Adds up what the lanes of a run have rejected, when one of them says that it may be too much.
 *
 * The lanes that have not told are asked: a lane that rejects nothing tells nothing by itself, and what it has done
 * counts all the same.
 */
export class RejectionRound {
  readonly #ask: (lane: number) => void
  readonly #check: (sum: RejectedCount) => Promise<void>
  readonly #counts: (RejectedCount | undefined)[]
  readonly #finished = new Set<number>()
  #awaited: Set<number> | undefined

  constructor(
    lanes: number,
    ask: (lane: number) => void,
    check: (sum: RejectedCount) => Promise<void>,
  ) {
    this.#counts = Array.from({ length: lanes }, () => undefined)
    this.#ask = ask
    this.#check = check
  }

  /** Takes a lane's last count. */
  finish(count: LaneCount): void {
    this.#finished.add(count.lane)
    this.#note(count)
  }

  /** Takes a count that a lane tells; the first one makes a round of all the others. */
  async told(count: LaneCount): Promise<void> {
    this.#note(count)
    if (this.#awaited !== undefined) return
    const others = [...this.#counts.keys()].filter(
      (lane) => lane !== count.lane && !this.#finished.has(lane),
    )
    const awaited = new Set(others)
    this.#awaited = awaited
    for (const lane of others) this.#ask(lane)
    await condition(() => awaited.size === 0)
    this.#awaited = undefined
    await this.#check(this.#sum())
  }

  #note({ lane, rejected, done }: LaneCount): void {
    this.#counts[lane] = { rejected, done }
    this.#awaited?.delete(lane)
  }

  #sum(): RejectedCount {
    let rejected = 0
    let done = 0
    for (const count of this.#counts) {
      rejected += count?.rejected ?? 0
      done += count?.done ?? 0
    }
    return { rejected, done }
  }
}
