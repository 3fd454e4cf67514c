import { z } from 'zod'

import type { Row, UnknownColumns } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ColumnChange, CommonParams, Step } from '../../core/step.ts'
import { requireDistinct } from './distinct-names.ts'
import { alternativesOf, uniteSchemas } from '../../core/unite-schemas.ts'
import { requireColumns } from './require-columns.ts'

const name = z.string().min(1)

const step = defineStep({
  type: 'MergeColumns',
  version: '1',
  params: z.object({
    columns: z.array(name).min(1),
    outputColumn: name.default('merged_column'),
  }),
  // The columns follow from the parameters.
  inputs: z.looseObject({}) as z.ZodType<Row>,
  outputs: z.looseObject({}),
  rowSchema: ({ columns }) => requireColumns(columns),
  checkParams: ({ columns }, stepName) => requireDistinct(columns, 'columns', stepName),
  columns: ({ columns, outputColumn }, _stepName, before = {}) => ({
    reads: Object.fromEntries(columns.map((column) => [column, {}])),
    optional: [],
    writes: {
      [outputColumn]: {
        type: 'array',
        items: uniteSchemas(columns.map((column) => mergedItems(before[column] ?? {}))),
      },
    },
    replaces: [],
    drops: columns,
  }),
  *process(rows, { columns, outputColumn }) {
    // One level deep: a list that is an item stays one.
    for (const row of rows) yield { [outputColumn]: columns.flatMap((column) => row[column]) }
  },
})

/** Schema of what a column's values add to the merged list: a list its items, any other value itself. */
function mergedItems(schema: JsonObject): JsonObject {
  return uniteSchemas(
    alternativesOf(schema).map((one) => {
      if (one['type'] === undefined) return {}
      if (one['type'] !== 'array') return one
      const { items } = one
      // A schema's items are a schema, if they are an object.
      return typeof items === 'object' && !('prefixItems' in one) ? (items as JsonObject) : {}
    }),
  )
}

/** What the registry holds of it. */
export const mergeColumnsDefinition = step.definition

/** Parameters of {@link mergeColumns}. */
export interface MergeColumnsParams<Columns, Output> extends CommonParams {
  /** The columns whose values are merged, in this order. */
  readonly columns: Columns
  /** Default `merged_column`. */
  readonly outputColumn?: Output
}

type MergedItem<Value> = Value extends readonly (infer Item)[] ? Item : Value

/** Puts one column of items into the place of those that are merged. */
export interface MergeChange<
  Columns extends readonly string[],
  Output extends string,
> extends ColumnChange {
  readonly drops: Columns[number]
  readonly writes: string extends Columns[number] | Output
    ? UnknownColumns
    : {
        readonly [K in Output]: readonly MergedItem<
          this['before'][Columns[number] & keyof this['before']]
        >[]
      }
}

/**
 * Merges columns into one list: the items of those that hold lists, and the values of the others, null as well.
 *
 * The columns that are merged do not stay. A row that lacks one of them is rejected as `input-invalid`.
 */
export function mergeColumns<
  const Columns extends readonly string[],
  const Output extends string = 'merged_column',
>(
  params: MergeColumnsParams<Columns, Output>,
): Step<
  string extends Columns[number] ? {} : { readonly [K in Columns[number]]: unknown },
  string extends Output ? {} : { readonly [K in Output]: readonly unknown[] },
  MergeChange<Columns, Output>
> {
  // The columns follow from the parameters; the engine works them out again from their values.
  return step(params as never) as never
}
