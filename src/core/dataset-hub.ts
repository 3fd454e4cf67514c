import type { Row } from './columns.ts'
import type { ColumnSchemas } from './step.ts'

/** Rows that become a split of a dataset of the Hugging Face Hub. */
export interface DatasetPush {
  /** The dataset's name, `owner/name`. */
  readonly repoId: string
  /** Default `train`. */
  readonly split?: string
  /** The config that the split is of. Default `default`. */
  readonly config?: string
  /** Whether a dataset that is made is private; one that is there keeps what it is. */
  readonly private: boolean
  readonly rows: AsyncIterable<Row>
  /** The files' columns; what has no single type becomes text that holds JSON. */
  readonly columns: ColumnSchemas
  readonly signal: AbortSignal
}

/** What a push left. */
export interface PushedDataset {
  /** Address of the commit that holds the rows. */
  readonly url: string
  readonly rows: number
  /** False where the dataset held exactly these rows already, so that no commit was made. */
  readonly hasChanged: boolean
}

/** The port to where datasets are published. */
export interface DatasetHub {
  /**
   * Makes rows a split of a dataset, all at once, in the place of what the split held.
   *
   * Safe to call again: equal rows make equal files, and what is there already is not sent.
   *
   * @throws RetortError `key-missing`, `hub-denied` where the token does not do; `dataset-missing` where the name is
   * none; `column-mistyped`; `store-unavailable` and `rate-limited` are worth a retry
   */
  push(push: DatasetPush): Promise<PushedDataset>
}
