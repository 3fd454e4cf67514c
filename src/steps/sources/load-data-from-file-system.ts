import { z } from 'zod'

import { toJsonSchema } from '../../core/column-schemas.ts'
import type { Row, Schema, UnknownColumns } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import { messageOf, RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { fileTypes } from '../../core/source-files.ts'
import type { FileRequest, FileType } from '../../core/source-files.ts'
import type { ColumnSchemas, GeneratorDefinition, GeneratorStep } from '../../core/step.ts'

/** Parameters of {@link loadDataFromFileSystemDefinition}. */
export interface LoadDataFromFileSystemParams extends Row {
  /** Paths, globs or folders, local or `s3://bucket/key`. */
  readonly dataFiles: string | readonly string[]
  /** By default from each file's name; a name that says nothing is text. */
  readonly filetype?: FileType | undefined
  /** At most so many rows, from the start. */
  readonly numExamples?: number | undefined
  /** JSON Schema of a row: the only columns that are read, and the types that their values must have. */
  readonly columns?: Row | undefined
}

const path = z.string().min(1)

/**
 * Gives the rows of files: JSONL, JSON, CSV, Parquet, or text and source files as rows `path`, `text`.
 *
 * Without `columns`, the columns are those that the files have.
 */
export const loadDataFromFileSystemDefinition: GeneratorDefinition<
  Row,
  LoadDataFromFileSystemParams
> = {
  kind: 'generator',
  type: 'LoadDataFromFileSystem',
  version: '1',
  params: z.object({
    dataFiles: z.union([path, z.array(path).min(1)]),
    filetype: z.enum(fileTypes).optional(),
    numExamples: z.int().positive().optional(),
    columns: z.record(z.string(), z.unknown()).optional(),
  }),
  // The fingerprint stands for them.
  unsigned: ['dataFiles'],
  columns: ({ columns }) => (columns === undefined ? undefined : columnsIn(columns)),
  checkParams({ columns }, stepName) {
    if (columns !== undefined) createRowCheck(columns, `of step '${stepName}'`)
  },
  isLocal: ({ dataFiles }) => [dataFiles].flat().every((path) => !path.startsWith('s3://')),
  fingerprint: async (params, { files }) => await files.fingerprint(toRequest(params)),
  async *generate(params, { files, signal }) {
    const rows = files.rows(toRequest(params), signal)
    if (params.columns === undefined) {
      yield* rows
      return
    }
    const check = createRowCheck(params.columns, `of '${String(params.dataFiles)}'`)
    let position = 0
    for await (const row of rows) yield check(row, ++position)
  },
}

function toRequest({ dataFiles, ...others }: LoadDataFromFileSystemParams): FileRequest {
  const { filetype, numExamples, columns } = others
  return {
    dataFiles,
    ...(filetype === undefined ? {} : { filetype }),
    ...(numExamples === undefined ? {} : { numExamples }),
    ...(columns === undefined ? {} : { columns: columnsIn(columns) }),
  }
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

/** What {@link loadDataFromFileSystem} takes. */
export interface LoadDataFromFileSystemOptions<Columns extends Row> {
  /** Paths, globs or folders, local (relative to where the command is typed) or `s3://bucket/key`. */
  readonly dataFiles: string | readonly string[]
  /** By default from each file's name; a name that says nothing is text. */
  readonly filetype?: FileType
  /** At most so many rows, from the start. Default all. */
  readonly numExamples?: number
  /** Schema of a row: the only columns that are read. It tells the compiler, and is checked when rows are read. */
  readonly columns?: Schema<Columns>
}

/**
 * Begins a pipeline with the rows of files: JSONL, JSON, CSV, Parquet, or text and source files as rows `path`, `text`.
 *
 * Without `columns` the compiler knows none of them and checks none; the run finds them when it reads the files.
 */
export function loadDataFromFileSystem<Columns extends Row = UnknownColumns>(
  options: LoadDataFromFileSystemOptions<Columns>,
): GeneratorStep<Columns> {
  const { columns, ...params } = options
  const schema =
    columns === undefined ? {} : { columns: toJsonSchema(columns, 'output', `'dataFiles'`) }
  // Erases the parameters' types; the engine checks them against their schema.
  const definition = loadDataFromFileSystemDefinition as unknown as GeneratorDefinition
  return withDefinition(definition, { ...params, ...schema })
}
