import type { RunPlace } from '../client/start-workflow.ts'
import { openPlace } from '../local/open-place.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { exitCodes } from './report-error.ts'
import { openTerminal } from './terminal.ts'

/** Options of the commands that act on a run while it goes. */
export interface ControlOptions {
  readonly store?: string
}

/** Acts on a run, and says what is so from here on. */
export async function controlCommand(
  { store }: ControlOptions,
  act: (place: RunPlace) => Promise<string>,
): Promise<number> {
  await openStoreToRead(store)
  const terminal = openTerminal({ isQuiet: false })
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  try {
    terminal.note(await act(place))
  } finally {
    await place.close()
  }
  return exitCodes.completed
}
