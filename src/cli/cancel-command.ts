import { cancelRun } from '../client/control-run.ts'
import { controlCommand } from './control-command.ts'
import type { ControlOptions } from './control-command.ts'

/** Ends a run, which the same run id goes on with. */
export async function cancelCommand(runId: string, options: ControlOptions): Promise<number> {
  return await controlCommand(options, (place) => cancelRun(place, runId))
}
