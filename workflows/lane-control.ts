import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'

import { workflowNames } from '../src/core/run-names.ts'
import { isTooManyRejected } from '../src/core/too-many-rejected.ts'
import type { RejectedCount } from '../src/core/too-many-rejected.ts'
import type { LaneCount, LaneInput, LaneOrders, LaneProgress, LaneStop } from './run-input.ts'
import { toStopReason } from './shard-control.ts'
import type { ShardControl } from './shard-control.ts'

/** Tells lanes what holds from here on. */
export const ordersSignal = defineSignal<[LaneOrders]>(workflowNames.orders)
/** Asks a lane for its count. */
export const countSignal = defineSignal(workflowNames.count)
/** Tells the coordinator that a batch was stopped. */
export const stoppedSignal = defineSignal<[LaneStop]>(workflowNames.stopped)
/** Tells the coordinator what a lane has rejected. */
export const countedSignal = defineSignal<[LaneCount]>(workflowNames.counted)

/** How much more a lane has rejected when it tells so again. */
const growth = 1.25

/** Connects a lane to its coordinator, which alone knows whether the run is paused. */
export class LaneControl implements ShardControl {
  readonly #input: LaneInput
  #orders: LaneOrders
  #progress: LaneProgress
  /** Rejected rows from which on the lane tells its count by itself. */
  #tellFrom = 1
  /** Whether the lane has told that too much may be rejected, and waits for what follows. */
  #isSuspect = false
  #telling: Promise<unknown> = Promise.resolve()
  /** The generation whose stop has been told. */
  #stoppedIn = -1

  constructor(input: LaneInput) {
    this.#input = input
    this.#orders = input.orders
    this.#progress = input.progress
    setHandler(ordersSignal, (orders) => {
      const { generation, maxRejected } = this.#orders
      this.#orders = orders
      this.#isSuspect = false
      if (orders.generation === generation && orders.maxRejected === maxRejected) return
      this.#tellFrom = 1
      this.#tellSuspicion()
    })
    setHandler(countSignal, () => this.#tell())
  }

  get orders(): LaneOrders {
    return this.#orders
  }

  get mayBegin(): boolean {
    return !this.#isSuspect
  }

  get progress(): LaneProgress {
    return this.#progress
  }

  async stopped(error: unknown, generation: number): Promise<void> {
    const reason = toStopReason(error)
    if (reason === undefined || this.#input.onStop === 'fail') throw error
    if (this.#orders.generation > generation) return
    const isTold = this.#stoppedIn === generation
    this.#stoppedIn = generation
    if (!isTold) await this.#coordinator().signal(stoppedSignal, { ...reason, generation })
    await condition(() => this.#orders.generation > generation)
  }

  report(progress: LaneProgress): void {
    this.#progress = progress
    this.#tellSuspicion()
  }

  /** Returns when all that was told has been delivered. */
  async settled(): Promise<void> {
    await this.#telling
  }

  /** More than allowed can only be rejected in all lanes together where one of them rejects more than its part. */
  #tellSuspicion(): void {
    const { rejected, done } = toCount(this.#progress)
    const { lanes } = this.#input
    const asIfAll = { rejected: rejected * lanes, done: done * lanes }
    const maxRejected = this.#orders.maxRejected ?? undefined
    if (rejected < this.#tellFrom || !isTooManyRejected(asIfAll, maxRejected, false)) return
    this.#tellFrom = Math.ceil(rejected * growth) + 1
    this.#isSuspect = true
    this.#tell()
  }

  #tell(): void {
    const { group, lane } = this.#input
    const count = { group, lane, ...toCount(this.#progress) }
    const telling = this.#coordinator().signal(countedSignal, count)
    // Where the coordinator has ended, so will the lane.
    this.#telling = Promise.allSettled([this.#telling, telling])
  }

  #coordinator() {
    const { parent } = workflowInfo()
    return getExternalWorkflowHandle(parent?.workflowId ?? '', parent?.runId)
  }
}

/** What some work has rejected, of the source rows that some step has done. */
export function toCount({ figures, positions }: LaneProgress): RejectedCount {
  return { rejected: figures.rejected, done: Math.max(0, ...positions) }
}
