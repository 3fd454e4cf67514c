import type { RunResult } from '../core/run-report.ts'
import { quoted } from '../core/names.ts'
import { usdText } from '../core/usd-text.ts'
import { commandName, quoteWord } from './command-name.ts'
import { toCount, toDuration } from './progress-text.ts'
import type { WrittenFile } from './output-files.ts'

/**
 * What a completed run tells people at its end.
 *
 * @param unpriced - names of its models whose price is not known
 */
export function runSummary(
  result: RunResult,
  files: readonly WrittenFile[],
  store: string | undefined,
  unpriced: readonly string[] = [],
): readonly string[] {
  const { runId, dataset, calls, reusedAnswers, sharedAnswers, tokens, costUsd, seconds } = result
  if (dataset === null) return []
  const { name, version, uri, rows, rejected, leaves, sourceRows } = dataset
  const several = Object.entries(leaves)
  const where = store === undefined ? '' : ` --store ${quoteWord(store)}`
  const show = `${commandName()} rows ${quoteWord(version)}${where}`
  const facts = [
    `${toCount(rows)} rows${outOf(sourceRows)}${several.length > 1 ? ` (${several.map(([leaf, count]) => `${toCount(count)} in '${leaf}'`).join(', ')})` : ''}`,
    ...(rejected > 0 ? [`${toCount(rejected)} rejected`] : []),
    `${toCount(calls)} calls`,
    ...(reusedAnswers > 0 ? [`${toCount(reusedAnswers)} answers used again`] : []),
    ...(sharedAnswers > 0 ? [`${toCount(sharedAnswers)} answers shared by equal requests`] : []),
    `${toCount(tokens.input)} + ${toCount(tokens.output)} tokens`,
    costUsd === null ? unknownCost(unpriced) : usdText(costUsd),
    toDuration(seconds),
  ]
  return [
    `Run '${runId}' completed: ${facts.join(', ')}.`,
    ...(rows === 0 ? [`  empty     no row passed every step`] : []),
    `  dataset   ${name}/${version}`,
    `  in        ${uri}`,
    ...files.map(({ path, rows: written }) => `  written   ${path} (${toCount(written)} rows)`),
    `  look at   ${show}`,
    ...(rejected > 0 ? [`  rejected  ${show} --rejected`] : []),
  ]
}

/** How many source rows a dataset took that has exactly as many rows as were asked for. */
export function outOf(sourceRows: number | undefined): string {
  return sourceRows === undefined ? '' : ` out of ${toCount(sourceRows)} source rows`
}

function unknownCost(unpriced: readonly string[]): string {
  return unpriced.length === 0
    ? 'cost not known'
    : `cost not known (no price for ${quoted(unpriced)})`
}
