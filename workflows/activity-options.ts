import { ActivityCancellationType } from '@temporalio/workflow'
import type { ActivityOptions } from '@temporalio/workflow'

/**
 * Options of every activity. There is no limit of attempts: what is not worth another one fails as
 * non-retryable, and a shutdown of a worker counts as an attempt.
 */
export function activityOptions(taskQueue: string | null, summary: string): ActivityOptions {
  return {
    ...(taskQueue === null ? {} : { taskQueue }),
    summary,
    // Heartbeats tell of a dead worker; large sources take their time.
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '60 seconds',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  }
}

/** Options of a batch: an attempt is handed back long before it is timed out, unless a call of it hangs; then it is scheduled again. */
export function batchOptions(taskQueue: string | null, summary: string): ActivityOptions {
  return { ...activityOptions(taskQueue, summary), startToCloseTimeout: '1 hour' }
}
