import type { Row } from './columns.ts'
import type { JsonObject } from './json.ts'

/** Formats of files that rows are read from. */
export const fileTypes = ['jsonl', 'json', 'csv', 'parquet', 'text'] as const

/** A format of files that rows are read from; `text` makes rows `path`, `text`, one a file. */
export type FileType = (typeof fileTypes)[number]

/** Which files a generator reads. */
export interface FileRequest {
  /** Paths, globs or folders, local (relative to the folder where the command was typed) or `s3://bucket/key`. */
  readonly dataFiles: string | readonly string[]
  /** By default from each file's name; a name that says nothing is text. */
  readonly filetype?: FileType
  /** At most so many rows, from the start. */
  readonly numExamples?: number
  /** JSON Schema of columns that are known beforehand: CSV takes its types from it, Parquet reads no others. */
  readonly columns?: Readonly<Record<string, JsonObject>>
}

/** The port through which generators read files. */
export interface SourceFiles {
  /** SHA-256 over the names and bytes of the files, in order; the same as long as the rows are. */
  fingerprint(request: FileRequest): Promise<string>
  /** The files' rows in order of paths, then of lines. @throws RetortError `file-missing`, `file-empty`, `file-malformed` */
  rows(request: FileRequest, signal: AbortSignal): AsyncIterable<Row>
}
