import { z } from 'zod'

import { columnsOf } from '../../core/column-union.ts'
import type { Row } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import { hashJson } from '../../core/hash.ts'
import type { GeneratorDefinition, GeneratorStep } from '../../core/step.ts'

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
  isLocal: () => true,
  fingerprint: async ({ data }) => hashJson(data),
  generate: ({ data }) => data,
}

/** Begins a pipeline with rows that stand in it. */
export function loadDataFromDicts<const Columns extends Row>(
  data: readonly Columns[],
): GeneratorStep<{ readonly [K in keyof Columns]: Widened<Columns[K]> }> {
  // Erases the parameters' types; the engine checks them against their schema.
  const definition = loadDataFromDictsDefinition as unknown as GeneratorDefinition
  return withDefinition(definition, { data })
}

/** A column's type, not the one value that stands there. */
export type Widened<Value> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : Value
