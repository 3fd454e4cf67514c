import type { ErrorCode } from '../../src/core/errors.ts'
import { withDefinitions } from '../../src/core/registry.ts'
import { resolvePipeline } from '../../src/core/resolve-pipeline.ts'
import { runStep } from '../../src/core/run-step.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { definitionKey } from '../../src/core/step.ts'
import type { ColumnChange, ColumnSchemas, Step } from '../../src/core/step.ts'
import type { Row } from '../../src/core/columns.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { columnTypesOf } from '../../src/storage/parquet/column-type.ts'
import { createRowEncoder } from '../../src/storage/parquet/encode-row.ts'

type AnyStep = Step<never, Row, ColumnChange>

/** How a step stands in its little pipeline. */
interface Place extends Pick<StepSpec, 'inputs' | 'outputs'> {
  readonly seed?: number
  /** Columns of the rows; by default those that they have. */
  readonly columns?: ColumnSchemas
  readonly name?: string
}

/** What a step made of some rows. */
export interface Made {
  /** The rows with the columns that are planned for them, by origin. */
  readonly rows: readonly { readonly origin: string; readonly row: Row }[]
  readonly rejected: readonly {
    readonly origin: string
    readonly code: ErrorCode
    readonly reason: string
  }[]
  readonly columns: ColumnSchemas
}

/** The columns behind a step that comes after these rows. @throws RetortError where it cannot be planned */
export function planOneStep(step: AnyStep, data: readonly Row[], place: Place = {}) {
  const { inputs, outputs, columns, name = 'it' } = place
  const [, resolved] = resolvePipeline(
    {
      version: 1,
      name: 'little',
      steps: [
        // What JSON.parse gives is JSON.
        {
          name: 'load',
          type: 'LoadDataFromDicts',
          params: JSON.parse(JSON.stringify({ data })),
        },
        {
          name,
          type: step.type,
          after: ['load'],
          params: JSON.parse(JSON.stringify(step.params)),
          ...(inputs === undefined ? {} : { inputs }),
          ...(outputs === undefined ? {} : { outputs }),
        },
      ],
    },
    {
      registry: withDefinitions(builtInRegistry, [step[definitionKey]], 'code'),
      environment: {},
      ...(columns === undefined ? {} : { sourceColumns: { load: columns } }),
    },
  )
  if (resolved?.definition.kind !== 'map' || resolved.columns === undefined)
    throw new Error('Its columns are not known.')
  return { ...resolved, definition: resolved.definition, columns: resolved.columns.schemas }
}

/** Plans a step behind these rows and runs it over them, as a batch does. */
export async function runOneStep(
  step: AnyStep,
  data: readonly Row[],
  place: Place = {},
): Promise<Made> {
  const { spec, definition, params, batchSize, keeps, columns } = planOneStep(step, data, place)
  const { rows, rejected } = await runStep({
    definition,
    params,
    step: {
      name: spec.name,
      batchSize,
      ...(spec.inputs === undefined ? {} : { inputs: spec.inputs }),
      ...(spec.outputs === undefined ? {} : { outputs: spec.outputs }),
      ...(keeps === undefined ? {} : { keeps }),
    },
    rows: data.map((row, index) => ({ origin: `${index}`, identity: `id-${index}`, row })),
    seed: place.seed ?? 0,
    signal: new AbortController().signal,
  })
  // What is published must fit the columns that are planned.
  const encode = createRowEncoder(columnTypesOf(columns))
  for (const [index, { row }] of rows.entries()) {
    encode(row, index)
    for (const name of Object.keys(row))
      if (!(name in columns)) throw new Error(`Column '${name}' is not in the plan.`)
  }
  return {
    rows: rows.map(({ origin, row }) => ({ origin, row })),
    rejected: rejected.map(({ origin, code, reason }) => ({ origin, code, reason })),
    columns,
  }
}

/** The rows alone. */
export async function rowsOf(
  step: AnyStep,
  data: readonly Row[],
  place: Place = {},
): Promise<Row[]> {
  const { rows, rejected } = await runOneStep(step, data, place)
  const [first] = rejected
  if (first !== undefined) throw new Error(`Row ${first.origin} is rejected: ${first.reason}`)
  return rows.map(({ row }) => row)
}
