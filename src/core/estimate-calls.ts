import type { Row } from './columns.ts'
import { findJoinPaths, linkSteps } from './join-paths.ts'
import { costNanoUsd, toUsd } from './price.ts'
import type { Price } from './price.ts'
import type { ResolvedStep } from './resolve-pipeline.ts'

/** How many rows a step gives or gets, and how certain that is. */
export interface RowEstimate {
  readonly count: number
  /** `estimated` where it holds if no step on the way drops rows or makes more of them. */
  readonly certainty: 'exact' | 'estimated' | 'at-least' | 'at-most'
}

/** What a step will ask its model, at worst. */
export interface CallEstimate {
  /** Rows that it gets; `null` where that is not known. */
  readonly rows: RowEstimate | null
  /** Calls where every answer holds at once; `null` where the rows are not known. */
  readonly calls: number | null
  /** Calls where every answer has to be asked for again as often as `maxReasks` allows. */
  readonly mostCalls: number | null
  /** Most input tokens of a call; `null` where its prompts depend on what is not known. */
  readonly inputTokens: number | null
  /** Most output tokens of a call. */
  readonly outputTokens: number
  /** US dollars of `calls`; counts the answers alone where `inputTokens` is `null`; `null` where rows or price are not known. */
  readonly costUsd: number | null
}

/** What an estimate goes by beside the pipeline. */
export interface EstimateBasis {
  /** Generator to its rows; those that are missing are not known. */
  readonly sourceRows: ReadonlyMap<string, RowEstimate>
  /** Step to the most input tokens of a call. */
  readonly inputTokens: ReadonlyMap<string, number>
  /** Step to the most output tokens of a call. */
  readonly outputTokens: ReadonlyMap<string, number>
  /** Step to the price of its model. */
  readonly prices: ReadonlyMap<string, Price>
}

/** The rows behind each step, as far as they can be told without running it. */
export function estimateRows(
  steps: readonly ResolvedStep[],
  sourceRows: EstimateBasis['sourceRows'],
): ReadonlyMap<string, RowEstimate> {
  const behind = new Map<string, RowEstimate>()
  for (const step of steps) {
    const { name } = step.spec
    const made = sourceRows.get(name)
    const rows = made ?? rowsInto(step, steps, behind)
    if (rows === undefined) continue
    const isAsCertain = made !== undefined || rows.certainty !== 'exact'
    const makesMore = step.llm !== undefined && step.params['groupGenerations'] !== true
    behind.set(name, {
      count: rows.count * (makesMore ? samplesOf(step.params) : 1),
      certainty: isAsCertain ? rows.certainty : 'estimated',
    })
  }
  return behind
}

/** What each step that asks a model will ask it, in the order of the steps. */
export function estimateCalls(
  steps: readonly ResolvedStep[],
  basis: EstimateBasis,
): ReadonlyMap<string, CallEstimate> {
  const behind = estimateRows(steps, basis.sourceRows)
  const estimates = new Map<string, CallEstimate>()
  for (const step of steps) {
    if (step.llm === undefined) continue
    const { name } = step.spec
    const rows = basis.sourceRows.get(name) ?? rowsInto(step, steps, behind) ?? null
    const calls = rows === null ? null : rows.count * samplesOf(step.params)
    const inputTokens = basis.inputTokens.get(name) ?? null
    const outputTokens = basis.outputTokens.get(name) ?? 0
    const price = basis.prices.get(name)
    const usage = { inputTokens: inputTokens ?? 0, outputTokens }
    estimates.set(name, {
      rows,
      calls,
      mostCalls: calls === null ? null : calls * (1 + countOf(step.params['maxReasks'], 0)),
      inputTokens,
      outputTokens,
      costUsd:
        calls === null || price === undefined ? null : toUsd(calls * costNanoUsd(usage, price)),
    })
  }
  return estimates
}

/**
 * The rows that a step gets: those of the step that it reads, or what a route sends of them; behind several the fewest,
 * since joins go by partners, but all that came to routes where those chose among them.
 */
function rowsInto(
  step: ResolvedStep,
  steps: readonly ResolvedStep[],
  behind: ReadonlyMap<string, RowEstimate>,
): RowEstimate | undefined {
  const names = step.spec.after ?? []
  const known = names.map((name) => behind.get(name))
  if (names.length > 1) {
    const fork = routedFork(step, steps)
    if (fork !== undefined) return behind.get(fork)
  }
  const [only] = known
  const share = steps.find(({ spec }) => spec.name === names[0])?.route?.planned.share
  if (names.length === 1 && only !== undefined && share !== undefined)
    return { count: Math.round(only.count * share), certainty: 'estimated' }
  const [fewest] = known.filter((rows) => rows !== undefined).toSorted((a, b) => a.count - b.count)
  return known.includes(undefined) ? undefined : fewest
}

/** Where the branches of a join part, if a route chooses among them on the way. */
function routedFork(join: ResolvedStep, steps: readonly ResolvedStep[]): string | undefined {
  const linked = linkSteps(steps.map(({ spec }) => spec)).map((step, index) => ({
    ...step,
    kind: steps[index]?.definition.kind ?? 'map',
  }))
  const paths = findJoinPaths(linked, steps.indexOf(join))
  const { fork, branches } = paths
  const isRouted = branches
    .flat()
    .some(({ from }) => from !== null && steps[from]?.route !== undefined)
  return fork !== null && isRouted ? steps[fork]?.spec.name : undefined
}

function samplesOf(params: Row): number {
  return countOf(params['numGenerations'], 1)
}

function countOf(value: unknown, usual: number): number {
  return typeof value === 'number' ? value : usual
}
