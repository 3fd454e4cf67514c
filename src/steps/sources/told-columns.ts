import { z } from 'zod'

import { toJsonSchema } from '../../core/column-schemas.ts'
import type { Row, Schema } from '../../core/columns.ts'
import { messageOf, RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { RowRequest } from '../../core/source-files.ts'
import type { ColumnSchemas } from '../../core/step.ts'

/** Parameters that every reader of files has. */
export interface RowParams {
  readonly numExamples?: number | undefined
  readonly columns?: Row | undefined
}

/** Their schema. */
export const rowParams = {
  numExamples: z.int().positive().optional(),
  columns: z.record(z.string(), z.unknown()).optional(),
}

/** What they ask of the files. */
export function toRowRequest({ numExamples, columns }: RowParams): RowRequest {
  return {
    ...(numExamples === undefined ? {} : { numExamples }),
    ...(columns === undefined ? {} : { columns: columnsIn(columns) }),
  }
}

/** The options of a reader with the JSON Schema of its columns. */
export function toColumnParams<Columns extends Row>(
  { columns, ...params }: { readonly columns?: Schema<Columns> },
  named: string,
): Row {
  return columns === undefined
    ? params
    : { ...params, columns: toJsonSchema(columns, 'output', `'${named}'`) }
}

/** The columns of a row's schema; `undefined` where none is told, so that the rows tell. */
export function knownColumns(columns: Row | undefined): ColumnSchemas | undefined {
  return columns === undefined ? undefined : columnsIn(columns)
}

/** Checks a row's schema. @throws RetortError `parameter-invalid` where it is none */
export function checkColumns(columns: Row | undefined, stepName: string): void {
  if (columns !== undefined) createRowCheck(columns, `of step '${stepName}'`)
}

/** The rows as they are, or checked and with nothing but the columns that are told. */
export async function* checkedRows(
  rows: AsyncIterable<Row>,
  columns: Row | undefined,
  source: string,
): AsyncGenerator<Row> {
  if (columns === undefined) {
    yield* rows
    return
  }
  const check = createRowCheck(columns, `of ${source}`)
  let position = 0
  for await (const row of rows) yield check(row, ++position)
}

function columnsIn({ properties }: Row): ColumnSchemas {
  // Each property's value is a schema, which createRowCheck has seen.
  return isObject(properties) ? (properties as ColumnSchemas) : {}
}

/**
 * Makes the function that picks the columns of a schema out of a row and checks their values; a column that need not be
 * there may be null.
 *
 * @throws RetortError `parameter-invalid` where the schema is none of a row
 */
function createRowCheck(schema: Row, whose: string): (row: Row, position: number) => Row {
  const names = Object.keys(columnsIn(schema))
  const invalid = (why: string, cause?: unknown) =>
    new RetortError('parameter-invalid', `Parameter 'columns' ${whose} ${why}.`, { cause })
  if (names.length === 0) throw invalid('names no columns; give the schema of a row, an object')
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const { additionalProperties: _, ...picked } = schema
  const parse = (() => {
    try {
      return z.fromJSONSchema({ ...picked, type: 'object' })
    } catch (cause) {
      throw invalid(`is no JSON Schema that can be checked: ${messageOf(cause)}`, cause)
    }
  })()
  return (row, position) => {
    const chosen: Record<string, unknown> = {}
    for (const name of names) {
      const value = row[name]
      if (value !== undefined && (value !== null || required.includes(name))) chosen[name] = value
    }
    const checked = parse.safeParse(chosen)
    if (checked.success) return chosen
    const [issue] = checked.error.issues
    const column = String(issue?.path[0] ?? '')
    const there = Object.keys(row).map((name) => `'${name}'`)
    const what =
      column in chosen
        ? `does not hold in column '${column}': ${issue?.message ?? 'invalid'}`
        : `has no column '${column}'; it has ${there.join(', ')}`
    throw new RetortError('file-malformed', `Row ${position} ${whose} ${what}.`)
  }
}
