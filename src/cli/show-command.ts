import { costUsdOf } from '../core/price.ts'
import { quoted } from '../core/names.ts'
import type { PublishedDataset } from '../core/run-report.ts'
import { usdText } from '../core/usd-text.ts'
import { runUrl } from '../client/temporal.ts'
import { showRun } from '../client/show-run.ts'
import type { ShownRun } from '../client/show-run.ts'
import { openPlace } from '../local/open-place.ts'
import { commandName } from './command-name.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { progressText, toCount, toDuration } from './progress-text.ts'
import { exitCodes } from './report-error.ts'
import { outOf } from './run-summary.ts'
import { writeJson, writeOut } from './stdout.ts'
import { bold, openTerminal } from './terminal.ts'

/** Options of `retort show` and `retort watch`. */
export interface ShowOptions {
  readonly store?: string
  readonly json?: true
}

/** Shows one run. */
export async function showCommand(runId: string, options: ShowOptions): Promise<number> {
  const { store, json } = options
  await openStoreToRead(store)
  const terminal = openTerminal({ isQuiet: json === true })
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  const run = await showRun(place, runId)
  const url = runUrl(place.temporal, runId)
  await place.close()
  if (json === true) await writeJson(toJson(run, url))
  else await writeOut(toText(run, url))
  return exitCodes.completed
}

function toJson(run: ShownRun, url: string | undefined) {
  if (run.state === 'ended') return run.result
  if (run.state === 'left') return { runId: run.runId, status: 'interrupted' }
  const { runId, pipeline, startedAt, isServed, pausedReason = null, progress } = run
  const status = pausedReason === null ? 'running' : 'paused'
  const { rows, doneRows, target, figures, forecast } = progress ?? {}
  return {
    runId,
    status,
    pausedReason,
    url,
    pipeline,
    startedAt,
    isServed,
    rows,
    doneRows,
    target,
    figures,
    costUsd: figures === undefined ? undefined : costUsdOf(figures),
    forecast,
  }
}

function toText(run: ShownRun, url: string | undefined): string {
  const facts = run.state === 'ended' ? endedFacts(run) : goingFacts(run, url)
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(...known.map(([name]) => name.length))
  return known
    .map(([name, value]) => `${bold(name.padEnd(width), process.stdout)}  ${value}\n`)
    .join('')
}

type Facts = Readonly<Record<string, string | undefined>>

function endedFacts(run: Extract<ShownRun, { state: 'ended' }>): Facts {
  const { result, startedAt, rejectedByCode, unpriced = [] } = run
  const { runId, status, dataset, error, calls, tokens, costUsd, seconds } = result
  const { reusedAnswers, sharedAnswers } = result
  return {
    run: runId,
    status,
    started: startedAt?.toLocaleString('sv-SE'),
    took: toDuration(seconds),
    ...(dataset === null
      ? {}
      : {
          dataset: `${dataset.name}/${dataset.version}`,
          in: dataset.uri,
          rows: rowsText(dataset),
          rejected: rejectedText(runId, dataset.rejected, rejectedByCode),
          calls: `${toCount(calls)}, and ${toCount(reusedAnswers)} answers used again${sharedAnswers > 0 ? `, ${toCount(sharedAnswers)} shared by equal requests` : ''}`,
          tokens: `${toCount(tokens.input)} in, ${toCount(tokens.output)} out`,
          cost: costUsd === null ? `not known${whichModels(unpriced)}` : usdText(costUsd),
        }),
    error: error === null ? undefined : error.message,
    step: error?.step ?? undefined,
  }
}

function rowsText({ rows, sourceRows }: PublishedDataset): string {
  return rows === 0 ? '0: no row passed every step' : toCount(rows) + outOf(sourceRows)
}

function whichModels(unpriced: readonly string[]): string {
  return unpriced.length === 0 ? '' : ` (no price for ${quoted(unpriced)})`
}

function rejectedText(
  runId: string,
  rejected: number,
  byCode: Readonly<Record<string, number>> = {},
): string {
  if (rejected === 0) return '0'
  const reasons = Object.entries(byCode).map(([code, count]) => `${toCount(count)} ${code}`)
  const commands = `\`${commandName()} rows ${runId} --rejected\` shows them, \`${commandName()} retry-rejected ${runId}\` asks anew`
  return `${toCount(rejected)}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}; ${commands}`
}

function goingFacts(run: Exclude<ShownRun, { state: 'ended' }>, url: string | undefined): Facts {
  if (run.state === 'left')
    return {
      run: run.runId,
      status: 'left unfinished, and unknown to this server',
      resume: resume(run.runId),
    }
  const { runId, pipeline, startedAt, isServed, isOfCommand, pausedReason, progress } = run
  const isLeft = isOfCommand && !isServed
  return {
    run: runId,
    status: goingStatus(run, isLeft),
    because: pausedReason,
    resume: isLeft
      ? resume(runId)
      : pausedReason === undefined
        ? undefined
        : `${commandName()} resume ${runId}`,
    pipeline,
    started: startedAt.toLocaleString('sv-SE'),
    progress: progress === undefined ? undefined : progressText(progress, undefined),
    at: url,
  }
}

function goingStatus(
  { isServed, pausedReason }: Extract<ShownRun, { state: 'running' }>,
  isLeft: boolean,
): string {
  const paused = pausedReason === undefined ? '' : 'paused, and '
  if (isLeft) return `${paused}left unfinished`
  if (isServed) return pausedReason === undefined ? 'running' : 'paused'
  return `${paused}waiting: no worker is there to do it`
}

function resume(runId: string): string {
  return `${commandName()} run FILE --run-id ${runId}`
}
