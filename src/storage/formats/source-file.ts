import type { FileType } from '../../core/source-files.ts'
import type { ColumnSchemas } from '../../core/step.ts'

/** One file that rows are read from, wherever it is. */
export interface SourceFile {
  /** As rows and sentences name it: the path relative to the working folder, or the `s3://` or `hf://` address. */
  readonly name: string
  readonly type: FileType
  readonly compression: Compression
  /** Whether the request names this very file, and not a folder or glob that it is in. */
  readonly isNamed: boolean
  /** What changes whenever the content does. */
  readonly version: string
  /** Stored bytes. */
  readonly size: number
  /**
   * The stored bytes, piece by piece.
   *
   * @throws RetortError `source-changed` where they are no longer those of `version`
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Where the file lies on this machine, if it does; a reader that needs a path copies others. */
  readonly local?: LocalPlace
  /** The columns of a part of a dataset of ours, which tell more than Parquet's types. */
  readonly writtenColumns?: ColumnSchemas
}

/** A file's place on this machine. */
export interface LocalPlace {
  /** Absolute. */
  readonly path: string
  /** Throws `source-changed` where the file is no longer of its version. */
  check(): Promise<void>
}

/** How a file's bytes are packed, which its name tells. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** What a file's name tells of its content. */
export interface NamedFormat {
  /** `undefined` for a name that says nothing. */
  readonly type: FileType | undefined
  readonly compression: Compression
}

const compressions: Readonly<Record<string, Compression>> = { gz: 'gzip', zst: 'zstd' }

const types: Readonly<Record<string, FileType>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'csv',
  parquet: 'parquet',
}

/** Format and compression by a file's name: `rows.jsonl.gz` is JSONL in gzip. */
export function formatOfName(name: string): NamedFormat {
  const suffixes = name.toLowerCase().split('.').slice(1)
  const compression = compressions[suffixes.at(-1) ?? ''] ?? 'none'
  return { type: types[suffixes.at(compression === 'none' ? -1 : -2) ?? ''], compression }
}
