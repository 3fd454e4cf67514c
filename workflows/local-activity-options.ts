import type { LocalActivityOptions } from '@temporalio/workflow'

/** Options of what is done where the workflow runs, beside all batches: it waits behind none of them. */
export const localActivityOptions: LocalActivityOptions = {
  startToCloseTimeout: '10 seconds',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
}
