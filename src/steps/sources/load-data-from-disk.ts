import { z } from 'zod'

import type { Row, Schema, UnknownColumns } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import type { DatasetRequest } from '../../core/source-files.ts'
import type { GeneratorDefinition, GeneratorStep } from '../../core/step.ts'
import {
  checkColumns,
  checkedRows,
  knownColumns,
  rowParams,
  toColumnParams,
  toRowRequest,
} from './told-columns.ts'

/** Parameters of {@link loadDataFromDiskDefinition}. */
export interface LoadDataFromDiskParams extends Row {
  readonly datasetPath: string
  readonly config?: string | undefined
  readonly split?: string | undefined
  readonly numExamples?: number | undefined
  readonly columns?: Row | undefined
}

const name = z.string().min(1)

/** Gives the rows of a dataset that a run left, or of a folder of data files. */
export const loadDataFromDiskDefinition: GeneratorDefinition<Row, LoadDataFromDiskParams> = {
  kind: 'generator',
  type: 'LoadDataFromDisk',
  version: '1',
  params: z.object({
    datasetPath: name,
    config: name.optional(),
    split: name.optional(),
    ...rowParams,
  }),
  // The fingerprint stands for them.
  unsigned: ['datasetPath', 'config', 'split'],
  columns: ({ columns }) => knownColumns(columns),
  checkParams: ({ columns }, stepName) => checkColumns(columns, stepName),
  isLocal: ({ datasetPath }) => !/^(?:s3|hf):\/\//.test(datasetPath),
  fingerprint: async (params, { files }) => await files.fingerprint(toRequest(params)),
  generate: (params, { files, signal }) =>
    checkedRows(files.rows(toRequest(params), signal), params.columns, `'${params.datasetPath}'`),
}

function toRequest({ datasetPath, ...others }: LoadDataFromDiskParams): DatasetRequest {
  const { config, split } = others
  return {
    dataset: datasetPath,
    ...(config === undefined ? {} : { config }),
    ...(split === undefined ? {} : { split }),
    ...toRowRequest(others),
  }
}

/** What {@link loadDataFromDisk} takes. */
export interface LoadDataFromDiskOptions<Columns extends Row> {
  /** The dataset's folder, local (relative to where the command is typed) or `s3://bucket/key`. */
  readonly datasetPath: string
  /** The leaf of a dataset of Retort, or the config of another. Default the only one that it has. */
  readonly config?: string
  /** The folder or the beginning of the files' names, `train`. Default the only one; a dataset of Retort has none. */
  readonly split?: string
  /** At most so many rows, from the start. Default all. */
  readonly numExamples?: number
  /** Schema of a row: the only columns that are read. It tells the compiler, and is checked when rows are read. */
  readonly columns?: Schema<Columns>
}

/**
 * Begins a pipeline with a dataset that an earlier run left, or with a folder of Parquet, JSONL, JSON or CSV files.
 *
 * Of a run's dataset it takes the version's folder (`.retort/store/datasets/<name>/<version>`), or the dataset's, which
 * means the version that `latest` points to when the run is planned; columns come back as they were written. Rejected
 * rows are no leaf. In another folder configs and splits are found as in a dataset of the Hub, by its README.md or by
 * the files' names. What `save_to_disk` of Python's `datasets` writes is Arrow and is refused.
 */
export function loadDataFromDisk<Columns extends Row = UnknownColumns>(
  options: LoadDataFromDiskOptions<Columns>,
): GeneratorStep<Columns> {
  // Erases the parameters' types; the engine checks them against their schema.
  const definition = loadDataFromDiskDefinition as unknown as GeneratorDefinition
  return withDefinition(definition, toColumnParams(options, 'datasetPath'))
}
