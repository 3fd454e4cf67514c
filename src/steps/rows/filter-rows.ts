import { z } from 'zod'

import type { Declared, Row } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import type { NoParams, StepFactory } from '../../core/define-step.ts'
import { forEachRow } from './row-context.ts'
import type { RowContext, RowStep } from './row-context.ts'

/** What {@link filterRows} takes. */
export interface RowFilter<
  In extends Row,
  Params extends Row,
  ParamsInput extends Row,
> extends RowStep<In, Params, ParamsInput> {
  /** Whether a row stays; where it throws, the run stops. */
  keep(row: In, context: RowContext<Params>): boolean
}

/**
 * Defines a step that lets only some rows pass, by a function of the row.
 *
 * Rows that do not pass are gone, not rejected. Export what it returns, so that a pipeline in YAML can name it by
 * `module` and `export`.
 *
 * @example
 * export const longOnly = filterRows({
 *   type: 'LongOnly',
 *   inputs: z.object({ text: z.string() }),
 *   keep: ({ text }) => text.length > 200,
 * })
 */
export function filterRows<
  In extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>({
  keep,
  ...definition
}: RowFilter<In, Params, ParamsInput>): StepFactory<Declared<In>, NoColumns, ParamsInput> {
  return defineStep<In, NoColumns, Params, ParamsInput>({
    ...definition,
    outputs: z.object({}),
    process: (rows, params, context) =>
      forEachRow(rows, params, context, (row, rowContext) => {
        const isKept: unknown = keep(row, rowContext)
        // A promise, say, would let every row pass.
        if (typeof isKept !== 'boolean')
          throw new TypeError(`'keep' returned ${typeof isKept}; it must return true or false.`)
        return isKept ? {} : []
      }),
  })
}

type NoColumns = Record<never, never>
