import { z } from 'zod'

import type { Row, UnknownColumns } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import type { ColumnChange, CommonParams, Step, StepDefinition } from '../../core/step.ts'

/** Parameters of {@link keepColumnsDefinition}. */
export interface KeepColumnsParams extends Row {
  /** The columns that stay, in this order. */
  readonly columns: readonly string[]
}

/** Keeps only the named columns, in the named order. */
export const keepColumnsDefinition: StepDefinition<Row, Row, KeepColumnsParams> = {
  kind: 'map',
  type: 'KeepColumns',
  version: '1',
  params: z.object({ columns: z.array(z.string().min(1)).min(1) }),
  // Whether the columns exist is checked when the run is planned; a row of a source may still lack one.
  inputs: z.looseObject({}),
  outputs: z.object({}),
  columns: ({ columns }) => ({
    reads: Object.fromEntries(columns.map((name) => [name, {}])),
    optional: [],
    writes: {},
    replaces: [],
    keeps: columns,
  }),
  *process(rows) {
    for (const _ of rows) yield {}
  },
}

/** Lets all other columns go. */
export interface KeepChange<Names extends string> extends ColumnChange {
  readonly drops: Exclude<keyof this['before'] & string, Names>
  readonly writes: string extends Names ? UnknownColumns : {}
}

/** Keeps only the named columns, in the named order, as `pipeline.keep(…)` does. */
export function keepColumns<const Names extends readonly string[]>(
  params: { readonly columns: Names } & CommonParams,
): Step<
  string extends Names[number] ? {} : { readonly [K in Names[number]]: unknown },
  {},
  KeepChange<Names[number]>
> {
  // Erases the parameters' types; the engine checks them against their schema.
  return withDefinition(keepColumnsDefinition as unknown as StepDefinition, { ...params })
}
