import type { Row } from './columns.ts'
import type { JsonObject } from './json.ts'

/** Formats of files that rows are read from. */
export const fileTypes = ['jsonl', 'json', 'csv', 'parquet', 'text'] as const

/** A format of files that rows are read from; `text` makes rows `path`, `text`, one a file. */
export type FileType = (typeof fileTypes)[number]

/** Which of the rows of some files a generator wants. */
export interface RowRequest {
  /** At most so many rows, from the start. */
  readonly numExamples?: number
  /** JSON Schema of columns that are known beforehand: CSV takes its types from it, Parquet reads no others. */
  readonly columns?: Readonly<Record<string, JsonObject>>
}

/** Which files a generator reads. */
export interface FileRequest extends RowRequest {
  /**
   * Paths, globs or folders: local (relative to the folder where the command was typed), `s3://bucket/key` or
   * `hf://datasets/owner/name@revision/path`.
   */
  readonly dataFiles: string | readonly string[]
  /** By default from each file's name; a name that says nothing is text. */
  readonly filetype?: FileType
}

/** Which dataset a generator reads; its own card, manifest or names tell which files those are. */
export interface DatasetRequest extends RowRequest {
  /** Its folder: local, `s3://bucket/key` or `hf://datasets/owner/name`. */
  readonly dataset: string
  /** A branch, tag or commit of a dataset of the Hugging Face Hub. Default its main branch. */
  readonly revision?: string
  /** A part of it with columns of its own. Default its default one, or the only one there is. */
  readonly config?: string
  /** Default the only one there is. */
  readonly split?: string
}

/** What rows are read from. */
export type SourceRequest = FileRequest | DatasetRequest

/** The port through which generators read files. */
export interface SourceFiles {
  /** SHA-256 over the names and bytes of the files, in order; the same as long as the rows are. */
  fingerprint(request: SourceRequest): Promise<string>
  /**
   * The files' rows in order of paths, then of lines.
   *
   * @throws RetortError `file-missing`, `file-empty`, `file-malformed`, `dataset-missing`, `key-missing`, `hub-denied`
   */
  rows(request: SourceRequest, signal: AbortSignal): AsyncIterable<Row>
}
