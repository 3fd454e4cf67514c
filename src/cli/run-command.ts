import { toError } from '../client/run-result.ts'
import type { RunResult } from '../client/run-result.ts'
import { newRunId, runHere } from '../local/run-here.ts'
import type { RunSession } from '../local/run-here.ts'
import { openDataset } from '../storage/dataset/open-dataset.ts'
import type { Dataset } from '../storage/dataset/open-dataset.ts'
import { resumeCommand } from './command-name.ts'
import { followRun, tell } from './follow-run.ts'
import { onInterrupt } from './interrupts.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { checkOutputFile, writeOutput } from './output-files.ts'
import type { WrittenFile } from './output-files.ts'
import { exitCodeOf, exitCodes, printError, toReported, unstartedResult } from './report-error.ts'
import { runSummary } from './run-summary.ts'
import { exitAfterOutput, writeJson } from './stdout.ts'
import { dim, openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Options of `retort run`. */
export interface RunCommandOptions {
  readonly set: readonly string[]
  readonly runId?: string
  readonly store?: string
  readonly maxRows?: number
  readonly output?: string
  readonly concurrent?: true
  readonly acceptChanges?: true
  readonly json?: true
  readonly quiet?: true
}

/** Runs a pipeline to its end, or until it is interrupted. */
export async function runCommand(file: string, options: RunCommandOptions): Promise<number> {
  return await new RunCommand(file, options).run()
}

/** One `retort run`: what is known of its run while it goes. */
class RunCommand {
  readonly #file: string
  readonly #options: RunCommandOptions
  readonly #terminal: Terminal
  #runId: string | undefined
  #session: RunSession | undefined

  constructor(file: string, options: RunCommandOptions) {
    this.#file = file
    this.#options = options
    this.#terminal = openTerminal({ isQuiet: options.quiet === true })
    this.#runId = options.runId
  }

  async run(): Promise<number> {
    const stopListening = onInterrupt((count) => this.#interrupt(count))
    try {
      return await this.#runToEnd()
    } catch (error) {
      this.#terminal.clear()
      printError(error)
      await this.#print(unstartedResult(this.#runId ?? null, toReported(error)))
      return exitCodeOf(error)
    } finally {
      stopListening()
    }
  }

  async #runToEnd(): Promise<number> {
    const { output: asked, set, store } = this.#options
    const output = asked === undefined ? undefined : await checkOutputFile(asked)
    const pipeline = await loadPipelineFile(this.#file, set)
    this.#runId ??= newRunId(pipeline.spec.name)
    const session = await runHere(pipeline, {
      ...this.#options,
      runId: this.#runId,
      onNotice: (line) => this.#terminal.note(line),
    })
    this.#session = session
    this.#tellStart(session)
    const { result, notices } = await followRun(session, this.#terminal)
    if (result.dataset === null) return await this.#endWithout(result)
    const { name, version } = result.dataset
    const dataset = await openDataset(session.place.store, name, version)
    const told = new Set(notices)
    if (dataset.manifest.simulated && told.size === 0)
      tell('The answers are simulated: no model was asked.', told, this.#terminal)
    return await this.#endWith(result, dataset, async () =>
      output === undefined ? [] : await writeOutput(dataset, output),
    )
  }
}
