import type { BatchJobs } from '../../src/core/batch-jobs.ts'
import type { Intents } from './intents.ts'

/**
 * Leaves a job that a run does not wait for any more, and ends it where no other run does.
 *
 * What it has answered is read by whoever asks the same next.
 */
export async function leaveJob(
  id: string,
  run: string,
  { intents, jobs, signal }: { intents: Intents; jobs: BatchJobs; signal: AbortSignal },
): Promise<void> {
  await intents.leave(id, run)
  if ((await intents.waiters(id)).length > 0 || (await intents.end(id)) !== undefined) return
  const { state } = await intents.state(id)
  if (state.job !== null) await jobs.cancel(state.job, signal)
}
