import type { OnStop } from '../core/run-settings.ts'
import { startRemote } from '../local/start-remote.ts'
import { commandName } from './command-name.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { exitCodes } from './report-error.ts'
import { writeJson } from './stdout.ts'
import { openTerminal } from './terminal.ts'
import { toBudget } from './to-budget.ts'

/** Options of `retort start`. */
export interface StartOptions {
  readonly set: readonly string[]
  readonly params: readonly string[]
  readonly runId?: string
  readonly store?: string
  readonly maxRows?: number
  readonly concurrent?: true
  readonly acceptChanges?: true
  readonly fresh?: true
  readonly budgetUsd?: number
  readonly budgetTokens?: number
  readonly maxRejected?: number
  readonly onStop?: OnStop
  readonly json?: true
}

/** Starts a run that workers do. */
export async function startCommand(file: string, options: StartOptions): Promise<number> {
  const terminal = openTerminal({ isQuiet: false })
  const pipeline = await loadPipelineFile(file, options)
  const started = await startRemote(pipeline, {
    ...options,
    budget: toBudget(options),
    onNotice: (line) => terminal.note(line),
  })
  const { runId, url, isAttached, isServed, isComplete } = started
  if (isComplete) {
    terminal.note(
      `Run '${runId}' has completed already; \`${commandName()} show ${runId}\` tells what it made.`,
    )
    if (options.json) await writeJson({ runId, url: url ?? null })
    return exitCodes.completed
  }
  terminal.note(isAttached ? `Run '${runId}' is going already.` : `Started run '${runId}'.`)
  if (url !== undefined) terminal.note(`  ${url}`)
  terminal.note(`  ${commandName()} watch ${runId}`)
  if (!isServed) {
    const files = pipeline.code === null ? '' : ` ${file}`
    terminal.note(
      `No worker is there to do it yet; \`${commandName()} worker${files}\` starts one, and the run goes on then.`,
    )
  }
  if (options.json) await writeJson({ runId, url: url ?? null })
  return exitCodes.completed
}
