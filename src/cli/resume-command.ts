import { resumeRun } from '../client/control-run.ts'
import { controlCommand } from './control-command.ts'
import type { ControlOptions } from './control-command.ts'

/** Lets a paused run go on. */
export async function resumeCommand(runId: string, options: ControlOptions): Promise<number> {
  return await controlCommand(options, (place) => resumeRun(place, runId))
}
