import { configuredTemporal } from '../client/temporal.ts'
import { RetortError } from '../core/errors.ts'
import { openPlace } from '../local/open-place.ts'
import { loadPipelineFiles, serveUntilInterrupted } from './serve-until-interrupted.ts'
import { openTerminal } from './terminal.ts'

/** Options of `retort dev`. */
export interface DevOptions {
  readonly port?: number
  readonly uiPort?: number
  readonly store?: string
}

/** Keeps the embedded server, its UI and a worker going. */
export async function devCommand(files: readonly string[], options: DevOptions): Promise<number> {
  const pipelines = await loadPipelineFiles(files)
  const configured = configuredTemporal()
  if (configured !== undefined)
    throw new RetortError(
      'usage',
      `\`dev\` runs the embedded server, but TEMPORAL_ADDRESS names ${configured.connection.address}; unset it, or use \`worker\`.`,
    )
  const terminal = openTerminal({ isQuiet: false })
  const place = await openPlace({ ...options, onNotice: (line) => terminal.note(line) })
  const { connection, uiUrl } = place.temporal
  terminal.note(`Temporal at ${connection.address}, its UI at ${uiUrl}`)
  return await serveUntilInterrupted(place, pipelines, terminal, 'warn')
}
