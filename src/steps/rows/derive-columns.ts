import type { Declared, Row, Schema } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import type { NoParams, StepFactory } from '../../core/define-step.ts'
import type { Rejection } from '../../core/rejection.ts'
import { forEachRow } from './row-context.ts'
import type { RowContext, RowStep } from './row-context.ts'

/** What {@link deriveColumns} takes. */
export interface RowDerivation<
  In extends Row,
  Out extends Row,
  Params extends Row,
  ParamsInput extends Row,
> extends RowStep<In, Params, ParamsInput> {
  /** The columns that it adds; what is against them stops the run. A column of `inputs` is replaced. */
  readonly outputs: Schema<Out>
  /** The columns of one row, or `reject(code, reason)`; where it throws, the run stops. */
  derive(row: In, context: RowContext<Params>): NoInfer<Out> | Rejection
}

/**
 * Defines a step that adds columns to each row, by a function of the row.
 *
 * Export what it returns, so that a pipeline in YAML can name it by `module` and `export`.
 *
 * @example
 * export const wordCount = deriveColumns({
 *   type: 'WordCount',
 *   inputs: z.object({ text: z.string() }),
 *   outputs: z.object({ words: z.int() }),
 *   derive: ({ text }) => ({ words: text.split(/\s+/).length }),
 * })
 */
export function deriveColumns<
  In extends Row,
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>({
  derive,
  ...definition
}: RowDerivation<In, Out, Params, ParamsInput>): StepFactory<
  Declared<In>,
  Declared<Out>,
  ParamsInput
> {
  return defineStep<In, Out, Params, ParamsInput>({
    ...definition,
    process: (rows, params, context) => forEachRow(rows, params, context, derive),
  })
}
