import { z } from 'zod'

import type { Row } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import { reject } from '../../core/rejection.ts'
import type { CommonParams, Step } from '../../core/step.ts'

const text = { type: 'string' }

const step = defineStep({
  type: 'TruncateTextColumn',
  version: '1',
  params: z.object({
    column: z.string().min(1).default('text'),
    maxLength: z.int().positive().default(8192),
  }),
  // The column follows from the parameters.
  inputs: z.looseObject({}) as z.ZodType<Row>,
  outputs: z.looseObject({}),
  columns: ({ column }) => ({
    reads: { [column]: text },
    optional: [],
    writes: { [column]: text },
    replaces: [],
  }),
  *process(rows, { column, maxLength }) {
    for (const row of rows) {
      const whole = row[column]
      yield typeof whole === 'string'
        ? { [column]: firstCharacters(whole, maxLength) }
        : reject('input-invalid', `Column '${column}' holds no text.`)
    }
  },
})

/** The first characters, as Unicode counts them: none is cut in half. */
function firstCharacters(whole: string, count: number): string {
  if (whole.length <= count) return whole
  let end = 0
  for (let taken = 0; taken < count && end < whole.length; taken++)
    end += (whole.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return whole.slice(0, end)
}

/** What the registry holds of it. */
export const truncateTextColumnDefinition = step.definition

/** Parameters of {@link truncateTextColumn}. */
export interface TruncateTextColumnParams<Column> extends CommonParams {
  /** Default `text`. */
  readonly column?: Column
  /** The most characters that stay. Default 8192. */
  readonly maxLength?: number
}

/**
 * Cuts the texts of a column to a number of characters (Unicode code points); shorter ones stay as they are.
 *
 * Tokens are not counted: they depend on a model's tokenizer. A row whose column holds no text is rejected as
 * `input-invalid`.
 */
export function truncateTextColumn<const Column extends string = 'text'>(
  params: TruncateTextColumnParams<Column> = {},
): Step<
  string extends Column ? {} : { readonly [K in Column]: string },
  string extends Column ? {} : { readonly [K in Column]: string }
> {
  // The column follows from the parameters; the engine works it out again from their values.
  return step(params) as never
}
