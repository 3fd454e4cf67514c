import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import type { StagedRow } from './staged-row.ts'
import type { BranchColumns, JoinDefinition } from './step.ts'

/** A join over the rows of its branches. */
export interface JoinRun {
  readonly definition: JoinDefinition
  readonly stepName: string
  readonly params: Row
  readonly branches: readonly BranchColumns[]
  /** The rows of each branch, in declared order. */
  readonly rows: readonly (readonly StagedRow[])[]
}

/**
 * Brings branches together by the origin of their rows, in the order of the first branch.
 *
 * A row that a branch rejected has no partner there and is left out: it stands in `rejected` already.
 */
export function runJoin({ definition, stepName, params, branches, rows }: JoinRun): StagedRow[] {
  const [first = [], ...others] = rows
  const byOrigin = others.map(
    (branch) => new Map<string, Row>(branch.map((staged) => [staged.origin, staged.row])),
  )
  const expanded = new Set(rows.flatMap((branch) => branch.flatMap(({ origin }) => above(origin))))
  if (rows.some((branch) => branch.some(({ origin }) => expanded.has(origin))))
    throw new RetortError(
      'step-threw',
      `A branch of join '${stepName}' makes several rows out of one, so that they have no partners in the others; group its answers or expand behind the join.`,
    )
  return first.flatMap(({ origin, identity, row }) => {
    const partners = byOrigin.map((branch) => branch.get(origin)).filter((row) => row !== undefined)
    if (partners.length < others.length) return []
    return [{ origin, identity, row: definition.join([row, ...partners], branches, params) }]
  })
}

/** The origins of the rows that a row was expanded from: `12` and `12.0` for `12.0.3`. */
function above(origin: string): string[] {
  const parts = origin.split('.')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'))
}
