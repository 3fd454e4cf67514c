import { CancelledFailure, condition } from '@temporalio/workflow'

/** Holds a pipeline's lock until its parent, the run, closes. */
export async function holdPipeline(): Promise<void> {
  try {
    await condition(() => false)
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error
  }
}
