import { modelIn } from '../core/model-param.ts'
import { interruptedResult, toError } from '../client/run-result.ts'
import type { Progress, RunResult } from '../core/run-report.ts'
import type { OnStop } from '../core/run-settings.ts'
import type { PipelineSpec } from '../core/spec.ts'
import { runHere } from '../local/run-here.ts'
import type { RunHereOptions, RunnablePipeline, RunSession } from '../local/run-here.ts'
import { newRunId } from '../local/settle-run-id.ts'
import { unpricedModels } from '../storage/dataset/dataset-manifest.ts'
import { openDataset } from '../storage/dataset/open-dataset.ts'
import { resumeCommand } from './command-name.ts'
import { followRun, tell } from './follow-run.ts'
import { onInterrupt } from './interrupts.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { checkOutputFile, writeOutput } from './output-files.ts'
import type { OutputFile, WrittenFile } from './output-files.ts'
import { exitCodeOf, exitCodes, printError, toReported, unstartedResult } from './report-error.ts'
import { runSummary } from './run-summary.ts'
import { writeJson, writeJsonNow } from './stdout.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { toBudget } from './to-budget.ts'

/** Options of `retort run`. */
export interface RunCommandOptions {
  readonly set: readonly string[]
  readonly params: readonly string[]
  readonly runId?: string
  readonly store?: string
  readonly maxRows?: number
  readonly output?: string
  readonly concurrent?: true
  readonly acceptChanges?: true
  readonly fresh?: true
  readonly budgetUsd?: number
  readonly budgetTokens?: number
  readonly maxRejected?: number
  readonly onStop?: OnStop
  readonly json?: true
  readonly quiet?: true
}

/** Runs a pipeline to its end, or until it is interrupted. */
export async function runCommand(file: string, options: RunCommandOptions): Promise<number> {
  return await runToEnd(options, {
    async prepare() {
      const pipeline = await loadPipelineFile(file, options)
      const runId = options.runId ?? newRunId(pipeline.spec.name)
      return {
        pipeline,
        options: { ...options, runId, budget: toBudget(options) },
        title: `of ${file}`,
      }
    },
    resumeLine: (runId) => resumeCommand(process.argv.slice(2), runId),
  })
}

/** Options of every command that runs something to its end. */
export interface RunOutputOptions {
  readonly runId?: string
  readonly store?: string
  readonly output?: string
  readonly json?: true
  readonly quiet?: true
}

/** What a command runs. */
export interface RunTask {
  readonly pipeline: RunnablePipeline
  readonly options: RunHereOptions & { readonly runId: string }
  /** What is said of the run behind its id. */
  readonly title: string
}

/** How a command comes to what it runs. */
export interface RunPreparation {
  /** Finds what to run. @param note - tells the user a line */
  prepare(note: (line: string) => void): Promise<RunTask>
  /** The command that goes on with the run where it is left. */
  resumeLine(runId: string): string
}

/** Runs what a command prepares, to its end or until it is interrupted. */
export async function runToEnd(
  options: RunOutputOptions,
  preparation: RunPreparation,
): Promise<number> {
  const command = new RunCommand(options, preparation)
  const stopListening = onInterrupt((count) => command.interrupt(count))
  try {
    return await command.run()
  } finally {
    stopListening()
  }
}

class RunCommand {
  readonly #options: RunOutputOptions
  readonly #preparation: RunPreparation
  readonly #terminal: Terminal
  #runId: string | undefined
  #session: RunSession | undefined
  #startedAt = Date.now()
  #progress: Progress | undefined

  constructor(options: RunOutputOptions, preparation: RunPreparation) {
    this.#options = options
    this.#preparation = preparation
    this.#terminal = openTerminal({ isQuiet: options.quiet === true })
    this.#runId = options.runId
  }

  async run(): Promise<number> {
    try {
      return await this.#runToEnd()
    } catch (error) {
      this.#terminal.clear()
      printError(error)
      if (this.#options.json)
        await writeJson(unstartedResult(this.#options.runId ?? null, toReported(error)))
      return exitCodeOf(error)
    }
  }

  /** The first time lets calls in flight finish, where there are any; then the process ends at once. */
  interrupt(count: number): void {
    this.#terminal.clear()
    if (count > 1 || this.#session === undefined || this.#session.isAttached) {
      this.#tellHowToResume()
      if (this.#options.json) writeJsonNow(this.#resultSoFar())
      process.exit(exitCodes.interrupted)
    }
    const calls = this.#session.callsInFlight()
    const last =
      calls === 0 ? 'Stopping' : `Finishing ${calls} ${calls === 1 ? 'call' : 'calls'} in flight`
    process.stderr.write(`${last}; Ctrl-C again exits at once.\n`)
    void this.#session.interrupt()
  }

  #resultSoFar() {
    return this.#runId === undefined || this.#session === undefined
      ? { ...unstartedResult(this.#runId ?? null, null), status: 'interrupted' }
      : interruptedResult(this.#runId, this.#startedAt, this.#progress)
  }

  async #runToEnd(): Promise<number> {
    const { output: asked } = this.#options
    const output = asked === undefined ? undefined : await checkOutputFile(asked)
    const note = (line: string) => this.#terminal.note(line)
    const { pipeline, options, title } = await this.#preparation.prepare(note)
    this.#runId = options.runId
    const session = await runHere(pipeline, { ...options, onNotice: note })
    this.#session = session
    this.#runId = session.runId
    this.#startedAt = Date.now()
    this.#tellStart(session, title)
    const progress = async () => (this.#progress = (await session.progress()) ?? this.#progress)
    const blockedReason = () => session.blockedReason()
    const run = { runId: session.runId, result: session.result, progress, blockedReason }
    const followed = await followRun(run, this.#terminal, this.#options.store)
    const { result } = followed
    if (result.status === 'completed') {
      const isTold = followed.notices.size > 0
      return await this.#complete(session, result, output, isTold ? undefined : pipeline.spec)
    }
    if (this.#options.json) await writeJson(result)
    if (result.status === 'interrupted') {
      this.#tellHowToResume()
      return exitCodes.interrupted
    }
    const error = toError(result)
    printError(error)
    if (error.verdict !== 'invalid') this.#tellHowToResume()
    return exitCodeOf(error)
  }

  async #complete(
    { place }: RunSession,
    result: RunResult,
    output: OutputFile | undefined,
    untold: PipelineSpec | undefined,
  ): Promise<number> {
    const { name = '', version = '' } = result.dataset ?? {}
    const dataset = await openDataset(place.store, name, version)
    if (dataset.manifest.simulated && untold !== undefined)
      tell(simulatedNotice(untold), this.#terminal)
    let files: readonly WrittenFile[] = []
    let failure: unknown
    try {
      if (output !== undefined) files = await writeOutput(dataset, output)
    } catch (error) {
      failure = error
    }
    const unpriced = unpricedModels(dataset.manifest)
    for (const line of runSummary(result, files, this.#options.store, unpriced))
      this.#terminal.note(line)
    if (failure === undefined) {
      if (this.#options.json) await writeJson(result)
      return exitCodes.completed
    }
    printError(failure)
    if (this.#options.json) await writeJson({ ...result, error: toReported(failure) })
    return exitCodes.failed
  }

  #tellStart({ runId, url, isAttached, isComplete }: RunSession, title: string): void {
    if (isComplete) return
    this.#terminal.note(
      isAttached
        ? `Run '${runId}' is going already; this command watches it.`
        : `Run '${runId}' ${title}`,
    )
    if (url !== undefined) this.#terminal.note(`  ${url}`)
  }

  #tellHowToResume(): void {
    if (this.#runId === undefined) return
    const line =
      this.#session?.isAttached === true
        ? `Run '${this.#runId}' goes on in the process that serves it. This watches it again:`
        : `Run '${this.#runId}' can go on where it is. This resumes it:`
    process.stderr.write(`${line}\n  ${this.#preparation.resumeLine(this.#runId)}\n`)
  }
}

/** What a run tells that was over before it could tell it itself. */
function simulatedNotice({ steps }: PipelineSpec): string {
  const asksEnvironment = steps.some(
    ({ params }) => modelIn(params)?.model['type'] === 'LLMFromEnvironment',
  )
  const advice = asksEnvironment
    ? ' Set MISTRAL_API_KEY or OPENAI_API_KEY, or name a model, for real ones.'
    : ''
  return `The answers are simulated: no model was asked.${advice}`
}
