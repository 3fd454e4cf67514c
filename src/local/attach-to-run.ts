import { resumeRun, setRun } from '../client/control-run.ts'
import { describe, pausedReasonOf } from '../client/start-workflow.ts'
import type { RunPlace } from '../client/start-workflow.ts'
import { requestedChanges } from './request-settings.ts'
import type { RunOptions } from './run-options.ts'

/** Sets a run that goes on in another process to what this command asks for, and resumes it where it is paused. */
export async function attachToRun(
  place: RunPlace,
  run: string,
  options: RunOptions,
): Promise<void> {
  const changes = requestedChanges(options)
  if (changes.length > 0) options.onNotice?.(await setRun(place, run, changes))
  const seen = await describe(place.client, run)
  const reason = seen === undefined ? undefined : pausedReasonOf(seen)
  if (seen?.status.name !== 'RUNNING' || reason === undefined) return
  await resumeRun(place, run)
  options.onNotice?.(`Run '${run}' was paused, and goes on. It had said: ${reason}`)
}
