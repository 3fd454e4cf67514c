import { RetortError } from '../src/core/errors.ts'
import type { RunRef } from './activities.ts'
import type { WorkerContext } from './worker-context.ts'

/** A worker with another store or other code must not touch a run; one that has the right ones takes it later. */
export function checkWorker(context: WorkerContext, ref: RunRef): void {
  checkStore(context, ref)
  if (ref.code !== null && ref.code !== context.code)
    throw new RetortError(
      'worker-mismatch',
      `Run '${ref.run}' was started with the code ${ref.code}, but this worker has ${context.code ?? 'none of its own'}; start a worker with that pipeline file.`,
    )
}

/** Store alone matters where none of a pipeline's code runs. */
export function checkStore(context: WorkerContext, ref: RunRef): void {
  if (ref.storeId !== context.storeId)
    throw new RetortError(
      'worker-mismatch',
      `Run '${ref.run}' belongs to store ${ref.storeId}, but this worker has store ${context.storeId} (${context.store.uri}).`,
    )
}
