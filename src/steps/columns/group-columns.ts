import { z } from 'zod'

import { orNull } from '../../core/column-schemas.ts'
import { RetortError } from '../../core/errors.ts'
import { canonicalJson } from '../../core/json.ts'
import type { JsonObject } from '../../core/json.ts'
import { nearestName } from '../../core/names.ts'
import type { BranchColumns, JoinDefinition } from '../../core/step.ts'

const params = z.object({
  columns: z.array(z.string()).min(1),
  outputColumns: z.array(z.string()).optional(),
})
type Params = z.output<typeof params>

const targetsOf = ({ columns, outputColumns }: Params) =>
  columns.map((column, index) => ({
    column,
    target: outputColumns?.[index] ?? `grouped_${column}`,
  }))

/**
 * Joins branches row by row: each named column becomes a list, one item for each branch that the row went through, in
 * declared order.
 *
 * Columns that all branches share stay as they are; other columns of the branches are left out.
 */
export const groupColumnsDefinition: JoinDefinition<Params> = {
  kind: 'join',
  type: 'GroupColumns',
  version: '1',
  params,
  columns(given, branches, stepName) {
    if (given.outputColumns !== undefined && given.outputColumns.length !== given.columns.length)
      throw new RetortError(
        'parameter-invalid',
        `Step '${stepName}' groups ${given.columns.length} columns but names ${given.outputColumns.length} 'outputColumns'; name one for each.`,
      )
    const [first] = branches
    const shared = Object.entries(first?.columns ?? {}).filter(
      ([name]) => first?.written.includes(name) === false,
    )
    const joined = Object.fromEntries(shared)
    for (const { column, target } of targetsOf(given)) {
      for (const { name, columns } of branches)
        if (!Object.hasOwn(columns, column))
          throw new RetortError(
            'column-missing',
            `Step '${stepName}' groups column '${column}', which branch '${name}' does not have. ${nearestName(column, Object.keys(columns))}`,
          )
      if (Object.hasOwn(joined, target))
        throw new RetortError(
          'column-taken',
          `Step '${stepName}' writes column '${target}', which is there already; choose another name in 'outputColumns'.`,
        )
      const items = sharedSchema(branches, column)
      joined[target] = { type: 'array', items: given.onMissing === 'null' ? orNull(items) : items }
    }
    return joined
  },
  join(rows, branches, given) {
    const [first] = branches
    const there = rows.filter((row) => row !== undefined)
    const joined: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(there.find((row) => row !== null) ?? {}))
      if (first?.written.includes(name) === false) joined[name] = value
    for (const { column, target } of targetsOf(given))
      joined[target] = there.map((row) => row?.[column] ?? null)
    return joined
  },
}

/** What holds for a column in every branch: its schema there, or any JSON where they differ. */
function sharedSchema(branches: readonly BranchColumns[], column: string): JsonObject {
  const schemas = branches.map(({ columns }) => columns[column] ?? {})
  const [first = {}] = schemas
  return new Set(schemas.map(canonicalJson)).size === 1 ? first : {}
}
