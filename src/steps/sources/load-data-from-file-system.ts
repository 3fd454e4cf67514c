import { z } from 'zod'

import type { Row, Schema, UnknownColumns } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import { fileTypes } from '../../core/source-files.ts'
import type { FileRequest, FileType } from '../../core/source-files.ts'
import type { GeneratorDefinition, GeneratorStep } from '../../core/step.ts'
import {
  checkColumns,
  checkedRows,
  knownColumns,
  rowParams,
  toColumnParams,
  toRowRequest,
} from './told-columns.ts'

/** Parameters of {@link loadDataFromFileSystemDefinition}. */
export interface LoadDataFromFileSystemParams extends Row {
  /** Paths, globs or folders: local, `s3://bucket/key` or `hf://datasets/owner/name/path`. */
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
    ...rowParams,
  }),
  // The fingerprint stands for them.
  unsigned: ['dataFiles'],
  columns: ({ columns }) => knownColumns(columns),
  checkParams: ({ columns }, stepName) => checkColumns(columns, stepName),
  isLocal: ({ dataFiles }) => [dataFiles].flat().every((path) => !/^(?:s3|hf):\/\//.test(path)),
  fingerprint: async (params, { files }) => await files.fingerprint(toRequest(params)),
  generate: (params, { files, signal }) =>
    checkedRows(
      files.rows(toRequest(params), signal),
      params.columns,
      `'${String(params.dataFiles)}'`,
    ),
}

function toRequest({ dataFiles, filetype, ...others }: LoadDataFromFileSystemParams): FileRequest {
  return { dataFiles, ...(filetype === undefined ? {} : { filetype }), ...toRowRequest(others) }
}

/** What {@link loadDataFromFileSystem} takes. */
export interface LoadDataFromFileSystemOptions<Columns extends Row> {
  /**
   * Paths, globs or folders: local (relative to where the command is typed), `s3://bucket/key`, or
   * `hf://datasets/owner/name@revision/path` on the Hugging Face Hub.
   */
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
  // Erases the parameters' types; the engine checks them against their schema.
  const definition = loadDataFromFileSystemDefinition as unknown as GeneratorDefinition
  return withDefinition(definition, toColumnParams(options, 'dataFiles'))
}
