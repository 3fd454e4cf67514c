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
    const given = rows === undefined ? undefined : rowsOutOf(step, rows, made !== undefined)
    const limited = limitedBy(step, given)
    if (limited !== undefined) behind.set(name, limited)
  }
  return behind
}

/** The rows that a step gives for those that it gets. */
function rowsOutOf(step: ResolvedStep, rows: RowEstimate, isSource: boolean): RowEstimate {
  const asksModel = step.model !== undefined
  const makesMore = asksModel && step.params['groupGenerations'] !== true
  const isOpen = step.definition.kind === 'map' && step.definition.makesSeveral === true
  const isUncertain = isOpen
    ? rows.certainty !== 'at-least'
    : rows.certainty === 'exact' && (!isSource || asksModel)
  return {
    count: rows.count * (makesMore ? samplesOf(step.params) : 1),
    certainty: isUncertain ? 'estimated' : rows.certainty,
  }
}

/** No more rows than a step makes at most. */
function limitedBy(
  { definition, params }: ResolvedStep,
  rows: RowEstimate | undefined,
): RowEstimate | undefined {
  const most = definition.kind === 'global' ? definition.mostRows?.(params) : undefined
  if (most === undefined || (rows !== undefined && rows.count <= most && isBounded(rows)))
    return rows
  return { count: most, certainty: 'at-most' }
}

function isBounded({ certainty }: RowEstimate): boolean {
  return certainty !== 'at-least'
}

/** What each step that asks a model will ask it, in the order of the steps. */
export function estimateCalls(
  steps: readonly ResolvedStep[],
  basis: EstimateBasis,
): ReadonlyMap<string, CallEstimate> {
  const behind = estimateRows(steps, basis.sourceRows)
  const estimates = new Map<string, CallEstimate>()
  for (const step of steps) {
    if (step.model === undefined) continue
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
 * The rows that a step gets: those of the step that it reads, or what a route sends of them. Behind several it is the
 * fewest, since joins go by partners, but the most where one that is missing is filled in, and all that came to routes
 * where those chose among them; a step that takes them one after the other gets all of them.
 */
function rowsInto(
  step: ResolvedStep,
  steps: readonly ResolvedStep[],
  behind: ReadonlyMap<string, RowEstimate>,
): RowEstimate | undefined {
  const names = step.spec.after ?? []
  const known = names.map((name) => behind.get(name))
  if (step.definition.kind === 'global' && names.length > 1) return sumOf(known)
  if (names.length > 1) {
    const fork = routedFork(step, steps)
    if (fork !== undefined) return behind.get(fork)
  }
  const [only] = known
  const share = steps.find(({ spec }) => spec.name === names[0])?.route?.planned.share
  if (names.length === 1 && only !== undefined && share !== undefined)
    return { count: Math.round(only.count * share), certainty: 'estimated' }
  const sorted = known.filter((rows) => rows !== undefined).toSorted((a, b) => a.count - b.count)
  if (known.includes(undefined)) return undefined
  return step.params['onMissing'] === 'null' ? sorted.at(-1) : sorted[0]
}

/** The rows of several steps together, as certain as the least certain of them. */
function sumOf(rows: readonly (RowEstimate | undefined)[]): RowEstimate | undefined {
  const known = rows.filter((each) => each !== undefined)
  if (known.length < rows.length) return undefined
  const certainty = (['at-least', 'at-most', 'estimated'] as const).find((one) =>
    known.some((each) => each.certainty === one),
  )
  return {
    count: known.reduce((sum, { count }) => sum + count, 0),
    certainty: certainty ?? 'exact',
  }
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
