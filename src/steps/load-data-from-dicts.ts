import { z } from 'zod'

import { columnsOf } from '../core/column-union.ts'
import type { Row } from '../core/columns.ts'
import { hashJson } from '../core/hash.ts'
import type { GeneratorDefinition } from '../core/step.ts'

/** Parameters of {@link loadDataFromDictsDefinition}. */
export interface LoadDataFromDictsParams extends Row {
  readonly data: readonly Row[]
}

/** Gives the rows that stand in the pipeline itself. */
export const loadDataFromDictsDefinition: GeneratorDefinition<Row, LoadDataFromDictsParams> = {
  kind: 'generator',
  type: 'LoadDataFromDicts',
  version: '1',
  params: z.object({ data: z.array(z.record(z.string(), z.unknown())).min(1) }),
  // The fingerprint stands for them.
  unsigned: ['data'],
  columns: ({ data }) => columnsOf(data),
  fingerprint: async ({ data }) => hashJson(data),
  generate: ({ data }) => data,
}
