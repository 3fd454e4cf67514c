import { pauseRun } from '../client/control-run.ts'
import { controlCommand } from './control-command.ts'
import type { ControlOptions } from './control-command.ts'

/** Pauses a run: calls in flight finish, and no other starts. */
export async function pauseCommand(runId: string, options: ControlOptions): Promise<number> {
  return await controlCommand(options, (place) => pauseRun(place, runId))
}
