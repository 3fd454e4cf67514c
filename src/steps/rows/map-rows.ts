import type { Declared, Row, Schema } from '../../core/columns.ts'
import { createFactory } from '../../core/define-step.ts'
import type { NoParams, StepFactory } from '../../core/define-step.ts'
import type { ColumnChange, StepDefinition, StepOutput } from '../../core/step.ts'
import { forEachRow } from './row-context.ts'
import type { RowContext, RowStep } from './row-context.ts'

/** What {@link mapRows} takes. */
export interface RowMap<
  In extends Row,
  Out extends Row,
  Params extends Row,
  ParamsInput extends Row,
> extends RowStep<In, Params, ParamsInput> {
  /** The columns of the rows that it makes; what is against them stops the run. */
  readonly outputs: Schema<Out>
  /** The row that takes a row's place, a list of several or none, or `reject(code, reason)`; where it throws, the run stops. */
  map(row: In, context: RowContext<Params>): StepOutput<NoInfer<Out>>
}

/** Nothing of a row stays but what is made of it. */
export interface MapChange<Out extends Row> extends ColumnChange {
  readonly drops: string
  readonly writes: Out
}

/**
 * Defines a step that puts other rows into the place of each row, by a function of the row.
 *
 * Only the columns of `outputs` are there behind it; for columns beside those that are there, see {@link deriveColumns}.
 * Export what it returns, so that a pipeline in YAML can name it by `module` and `export`.
 *
 * @example
 * export const sentences = mapRows({
 *   type: 'Sentences',
 *   inputs: z.object({ text: z.string() }),
 *   outputs: z.object({ sentence: z.string() }),
 *   map: ({ text }) => text.split('. ').map((sentence) => ({ sentence })),
 * })
 */
export function mapRows<
  In extends Row,
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>({
  map,
  ...others
}: RowMap<In, Out, Params, ParamsInput>): StepFactory<
  Declared<In>,
  Out,
  ParamsInput,
  MapChange<Out>
> {
  const definition: Omit<StepDefinition<In, Out, Params>, 'params'> = {
    kind: 'map',
    ...others,
    keeps: [],
    makesSeveral: true,
    process: (rows, params, context) => forEachRow(rows, params, context, map),
  }
  // Erases the columns: the engine checks rows and parameters against the schemas before it calls.
  return createFactory(definition as unknown as StepDefinition)
}
