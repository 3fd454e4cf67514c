import { z } from 'zod'

import type { Row } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import { RetortError } from '../../core/errors.ts'
import { nearestName } from '../../core/names.ts'
import type { ColumnContract, ColumnSchemas, CommonParams, Step } from '../../core/step.ts'
import { requireDistinct } from './distinct-names.ts'
import { expandRow } from './expand-row.ts'
import type { Expanded } from './expand-row.ts'
import type { ExpandChange, ExpandInput, ExpandOutput } from './expand-columns-types.ts'
import { canBe, itemsOf } from '../../core/unite-schemas.ts'

const name = z.string().min(1)
const paramsSchema = z.object({
  columns: z.union(
    [
      z.array(name).min(1),
      z.record(name, name).refine((names) => Object.keys(names).length > 0, 'it names no column'),
    ],
    'it takes a list of columns, or an object of columns with the names that their items get',
  ),
  encoded: z
    .union([z.boolean(), z.array(name)], 'it takes true, false or a list of columns')
    .default(false),
})
type Params = z.output<typeof paramsSchema>

function expandedOf({ columns, encoded }: Params): Expanded[] {
  const pairs = Array.isArray(columns)
    ? columns.map((column) => [column, column] as const)
    : Object.entries(columns)
  return pairs.map(([column, target]) => ({
    column,
    target,
    isEncoded: typeof encoded === 'boolean' ? encoded : encoded.includes(column),
  }))
}

const step = defineStep({
  type: 'ExpandColumns',
  version: '1',
  makesSeveral: true,
  params: paramsSchema,
  // The columns follow from the parameters.
  inputs: z.looseObject({}) as z.ZodType<Row>,
  outputs: z.looseObject({}),
  checkParams(params, stepName) {
    const expanded = expandedOf(params)
    requireDistinct(
      expanded.map(({ column }) => column),
      'columns',
      stepName,
    )
    requireDistinct(
      expanded.map(({ target }) => target),
      'columns',
      stepName,
    )
    if (typeof params.encoded === 'boolean') return
    const columns = expanded.map(({ column }) => column)
    for (const other of params.encoded)
      if (!columns.includes(other))
        throw new RetortError(
          'parameter-unknown',
          `Parameter 'encoded' of step '${stepName}' names column '${other}', which it does not expand. ${nearestName(other, columns)}`,
        )
  },
  columns: (params, stepName, before = {}) => contract(expandedOf(params), stepName, before),
  *process(rows, params) {
    const expanded = expandedOf(params)
    for (const row of rows) yield expandRow(row, expanded)
  },
})

function contract(
  expanded: readonly Expanded[],
  stepName: string,
  before: ColumnSchemas,
): ColumnContract {
  for (const { column, isEncoded } of expanded) {
    const schema = before[column]
    if (schema !== undefined && canBe(schema, isEncoded ? 'string' : 'array') === false)
      throw new RetortError(
        'parameter-invalid',
        isEncoded
          ? `Step '${stepName}' decodes column '${column}', which holds no text; take it out of 'encoded'.`
          : `Step '${stepName}' expands column '${column}', which holds no lists${canBe(schema, 'string') === true ? "; where its texts are JSON, name it in 'encoded'" : ''}.`,
        { data: { step: stepName, column } },
      )
  }
  return {
    reads: Object.fromEntries(
      expanded.map(({ column, isEncoded }) => [column, { type: isEncoded ? 'string' : 'array' }]),
    ),
    optional: [],
    writes: Object.fromEntries(
      expanded.map(({ column, target, isEncoded }) => [
        target,
        isEncoded ? {} : itemsOf(before[column] ?? {}),
      ]),
    ),
    replaces: [],
  }
}

/** What the registry holds of it. */
export const expandColumnsDefinition = step.definition

/** Parameters of {@link expandColumns}. */
export interface ExpandColumnsParams<Columns, Encoded> extends CommonParams {
  /** The columns of lists; with an object, each with the name that the column of its items gets. */
  readonly columns: Columns
  /** Whether the lists are JSON in texts, in all of the columns or in those that are listed. Default false. */
  readonly encoded?: Encoded
}

/**
 * Makes a row of every item of a list; several columns are gone through side by side.
 *
 * All other columns are repeated, also a list whose items get another name. An empty list gives no row. A row is
 * rejected as `input-invalid` where a column holds no list, or where its lists are not equally long.
 *
 * The compiler knows the items' types where the names are literal; otherwise it knows no column behind this step.
 */
export function expandColumns<
  const Columns extends readonly string[] | Readonly<Record<string, string>>,
  const Encoded extends boolean | readonly string[] = false,
>(
  params: ExpandColumnsParams<Columns, Encoded>,
): Step<ExpandInput<Columns, Encoded>, ExpandOutput<Columns>, ExpandChange<Columns, Encoded>> {
  // The columns follow from the parameters; the engine works them out again from their values.
  return step(params as never) as never
}
