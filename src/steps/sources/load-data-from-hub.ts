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

/** Parameters of {@link loadDataFromHubDefinition}, filled in. */
export interface LoadDataFromHubParams extends Row {
  readonly repoId: string
  readonly split: string
  readonly config?: string | undefined
  readonly revision?: string | undefined
  readonly numExamples?: number | undefined
  readonly columns?: Row | undefined
}

const name = z.string().min(1)

/** Gives the rows of a dataset of the Hugging Face Hub. */
export const loadDataFromHubDefinition: GeneratorDefinition<Row, LoadDataFromHubParams> = {
  kind: 'generator',
  type: 'LoadDataFromHub',
  version: '1',
  params: z.object({
    repoId: z.string().regex(/^[\w.-]+(?:\/[\w.-]+)?$/, {
      error: 'is no name of a dataset, which is owner/name',
    }),
    split: name.default('train'),
    config: name.optional(),
    revision: name.optional(),
    ...rowParams,
  }),
  // The fingerprint stands for them.
  unsigned: ['repoId', 'split', 'config', 'revision'],
  columns: ({ columns }) => knownColumns(columns),
  checkParams: ({ columns }, stepName) => checkColumns(columns, stepName),
  isLocal: () => false,
  fingerprint: async (params, { files }) => await files.fingerprint(toRequest(params)),
  generate: (params, { files, signal }) =>
    checkedRows(files.rows(toRequest(params), signal), params.columns, `'${params.repoId}'`),
}

function toRequest({ repoId, split, ...others }: LoadDataFromHubParams): DatasetRequest {
  const { config, revision } = others
  return {
    dataset: `hf://datasets/${repoId}`,
    split,
    ...(config === undefined ? {} : { config }),
    ...(revision === undefined ? {} : { revision }),
    ...toRowRequest(others),
  }
}

/** What {@link loadDataFromHub} takes. */
export interface LoadDataFromHubOptions<Columns extends Row> {
  /** The dataset's name on the Hub, `owner/name`. */
  readonly repoId: string
  /** Default `train`. */
  readonly split?: string
  /** Default the dataset's own default, or the only one that it has. */
  readonly config?: string
  /** A branch, tag or commit. Default the main branch. */
  readonly revision?: string
  /** At most so many rows, from the start. Default all. */
  readonly numExamples?: number
  /** Schema of a row: the only columns that are read. It tells the compiler, and is checked when rows are read. */
  readonly columns?: Schema<Columns>
}

/**
 * Begins a pipeline with the rows of a dataset of the Hugging Face Hub: its Parquet, JSONL, JSON or CSV files.
 *
 * Which files make a config and a split is told by the dataset's card (`configs`), else by their names:
 * `data/train-*.parquet`, `train.jsonl`, `train/…`, `<config>/train-…`. All are read at the commit that the revision
 * names when the run is planned. Files are always streamed, so that there is no parameter `streaming`; of Parquet, one
 * file at a time is copied to the temporary folder. Datasets that a script makes are read from the Hub's own copy, with
 * `revision: 'refs/convert/parquet'`.
 *
 * A private or gated dataset takes a token in the environment variable `HF_TOKEN`; `HF_ENDPOINT` names another Hub.
 * A run ends before it starts with `key-missing` or `hub-denied` where the token does not do, and with
 * `dataset-missing` or `parameter-invalid` where dataset, revision, config or split are not there.
 */
export function loadDataFromHub<Columns extends Row = UnknownColumns>(
  options: LoadDataFromHubOptions<Columns>,
): GeneratorStep<Columns> {
  // Erases the parameters' types; the engine checks them against their schema.
  const definition = loadDataFromHubDefinition as unknown as GeneratorDefinition
  return withDefinition(definition, toColumnParams(options, 'repoId'))
}
