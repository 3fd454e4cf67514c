import { openPlace } from '../local/open-place.ts'
import { loadPipelineFiles, serveUntilInterrupted } from './serve-until-interrupted.ts'
import { openTerminal } from './terminal.ts'

/** Options of `retort worker`. */
export interface WorkerOptions {
  readonly store?: string
}

/** Works on the runs of a store. */
export async function workerCommand(
  files: readonly string[],
  { store }: WorkerOptions,
): Promise<number> {
  const terminal = openTerminal({ isQuiet: false })
  const pipelines = await loadPipelineFiles(files)
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  terminal.note(`Temporal at ${place.temporal.connection.address}`)
  return await serveUntilInterrupted(place, pipelines, terminal, terminal.isLive ? 'warn' : 'info')
}
