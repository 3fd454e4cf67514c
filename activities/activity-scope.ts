import { CancelledFailure, Context } from '@temporalio/activity'

import { toFailure } from './failures.ts'
import { Pulse } from './pulse.ts'

const heartbeatMilliseconds = 5_000

/**
 * Runs an activity's work: heartbeats from a timer for all of its life, and turns its errors into
 * failures at this one place.
 */
export async function inActivity<T>(
  work: (signal: AbortSignal, pulse: Pulse) => Promise<T>,
): Promise<T> {
  const context = Context.current()
  const pulse = new Pulse()
  const timer = setInterval(() => {
    pulse.beat()
    context.heartbeat()
  }, heartbeatMilliseconds)
  try {
    return await work(AbortSignal.any([context.cancellationSignal, pulse.signal]), pulse)
  } catch (error) {
    if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason
    if (error instanceof CancelledFailure) throw error
    throw toFailure(error)
  } finally {
    clearInterval(timer)
  }
}
