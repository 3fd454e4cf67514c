import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

import { verdictOf } from '../src/core/errors.ts'
import type { LaneOrders, LaneProgress, StopReason } from './run-input.ts'

/** What the work on a shard asks of its run: in a lane by signals, in a run without lanes at once. */
export interface ShardControl {
  /** What holds at the moment. */
  readonly orders: LaneOrders
  /** Whether more work may begin. */
  readonly mayBegin: boolean
  /**
   * Tells of work that failed, and returns when it may be done again.
   *
   * @param generation - in which it was scheduled
   * @throws the error where the run does not go on after it
   */
  stopped(error: unknown, generation: number): Promise<void>
  /** Tells how far the work is. */
  report(progress: LaneProgress): void
}

/** Why a run stops at an error; `undefined` where it does not: it is cancelled, or goes on in another execution. */
export function toStopReason(error: unknown): StopReason | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure)) return undefined
  const code = cause.type ?? ''
  if (verdictOf(code) !== 'stop' || code === 'run-superseded') return undefined
  return { code, message: cause.message }
}

/** Does work again and again as long as the run stops at it and is resumed. */
export async function untilDone<T>(
  control: Pick<ShardControl, 'orders' | 'stopped'>,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const { generation } = control.orders
    try {
      return await work()
    } catch (error) {
      await control.stopped(error, generation)
    }
  }
}
