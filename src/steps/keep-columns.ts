import { z } from 'zod'

import type { Row } from '../core/columns.ts'
import type { StepDefinition } from '../core/step.ts'

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
