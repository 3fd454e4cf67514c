import { awaitResult, toError } from '../client/run-result.ts'
import type { RunResult } from '../core/run-report.ts'
import { readProgress } from '../client/read-progress.ts'
import type { Progress } from '../core/run-report.ts'
import { showRun } from '../client/show-run.ts'
import { RetortError } from '../core/errors.ts'
import { openPlace } from '../local/open-place.ts'
import type { OpenPlace } from '../local/open-place.ts'
import { commandName } from './command-name.ts'
import { followRun } from './follow-run.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { exitCodeOf, exitCodes, printError } from './report-error.ts'
import { runSummary } from './run-summary.ts'
import type { ShowOptions } from './show-command.ts'
import { writeJson } from './stdout.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Shows how far a run is until it ends. */
export async function watchCommand(runId: string, options: ShowOptions): Promise<number> {
  const { store, json } = options
  await openStoreToRead(store)
  const terminal = openTerminal({ isQuiet: false })
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  const result = await watch(place, runId, terminal)
  await place.close()
  if (json === true) await writeJson(result)
  if (result.status === 'completed') {
    for (const line of runSummary(result, [], store)) terminal.note(line)
    return exitCodes.completed
  }
  const error = toError(result)
  printError(error)
  return exitCodeOf(error)
}

async function watch(place: OpenPlace, runId: string, terminal: Terminal): Promise<RunResult> {
  const run = await showRun(place, runId)
  if (run.state === 'ended') return run.result
  if (run.state === 'left')
    throw new RetortError(
      'run-unknown',
      `Run '${runId}' was left unfinished and no server has it; \`${commandName()} run FILE --run-id ${runId}\` resumes it.`,
    )
  if (!run.isServed)
    terminal.note('No worker is there to do it at the moment; it goes on when one is.')
  let seen: Progress | undefined
  const progress = async () => (seen = (await readProgress(place.client, runId)) ?? seen)
  const result = awaitResult(runId, run.handle, async () => seen)
  return (await followRun({ result, progress }, terminal)).result
}
