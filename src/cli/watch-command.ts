import { awaitResult, interruptedResult, toError } from '../client/run-result.ts'
import type { RunResult } from '../core/run-report.ts'
import { readProgress } from '../client/read-progress.ts'
import type { Progress } from '../core/run-report.ts'
import { runUrl } from '../client/temporal.ts'
import { showRun } from '../client/show-run.ts'
import { RetortError } from '../core/errors.ts'
import { unpricedModels } from '../storage/dataset/dataset-manifest.ts'
import { readManifest } from '../storage/dataset/read-manifest.ts'
import { openPlace } from '../local/open-place.ts'
import type { OpenPlace } from '../local/open-place.ts'
import { commandName, quoteWord } from './command-name.ts'
import { followRun } from './follow-run.ts'
import { onInterrupt } from './interrupts.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { exitCodeOf, exitCodes, printError, toReported, unstartedResult } from './report-error.ts'
import { runSummary } from './run-summary.ts'
import type { ShowOptions } from './show-command.ts'
import { writeJson, writeJsonNow } from './stdout.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Shows how far a run is until it ends. */
export async function watchCommand(runId: string, options: ShowOptions): Promise<number> {
  const { store, json } = options
  const terminal = openTerminal({ isQuiet: false })
  const startedAt = Date.now()
  let seen: Progress | undefined
  const stopListening = onInterrupt(() => {
    terminal.clear()
    const command = [commandName(), ...process.argv.slice(2).map(quoteWord)].join(' ')
    terminal.note(
      `Run '${runId}' does not end with this command. This watches it again:\n  ${command}`,
    )
    if (json === true) writeJsonNow(interruptedResult(runId, startedAt, seen))
    process.exit(exitCodes.interrupted)
  })
  try {
    await openStoreToRead(store)
    const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
    const see = (progress: Progress) => (seen = progress)
    const result = await watch(place, runId, terminal, store, see)
    const unpriced = await unpricedIn(place, result)
    await place.close()
    if (json === true) await writeJson(result)
    if (result.status === 'completed') {
      for (const line of runSummary(result, [], store, unpriced)) terminal.note(line)
      return exitCodes.completed
    }
    const error = toError(result)
    printError(error)
    return exitCodeOf(error)
  } catch (error) {
    printError(error)
    if (json === true) await writeJson(unstartedResult(runId, toReported(error)))
    return exitCodeOf(error)
  } finally {
    stopListening()
  }
}

/** Names of the models of a run's dataset whose price is not known. */
async function unpricedIn({ store }: OpenPlace, { dataset }: RunResult): Promise<string[]> {
  if (dataset === null) return []
  return unpricedModels(await readManifest(store, dataset.name, dataset.version))
}

async function watch(
  place: OpenPlace,
  runId: string,
  terminal: Terminal,
  storeOption: string | undefined,
  see: (progress: Progress) => void,
): Promise<RunResult> {
  const run = await showRun(place, runId)
  if (run.state === 'ended') return run.result
  if (run.state === 'left' || (run.isOfCommand && !run.isServed))
    throw new RetortError(
      'run-unknown',
      `Run '${runId}' was left unfinished and nobody goes on with it; \`${commandName()} run FILE --run-id ${runId}\` does.`,
    )
  terminal.note(`Run '${runId}' of pipeline '${run.pipeline}'`)
  const url = runUrl(place.temporal, runId)
  if (url !== undefined) terminal.note(`  ${url}`)
  if (!run.isServed)
    terminal.note('No worker is there to do it at the moment; it goes on when one is.')
  let seen: Progress | undefined
  const progress = async () => {
    seen = (await readProgress(place.client, runId)) ?? seen
    if (seen !== undefined) see(seen)
    return seen
  }
  const result = awaitResult(runId, run.handle, async () => seen)
  return (await followRun({ runId, result, progress }, terminal, storeOption)).result
}
