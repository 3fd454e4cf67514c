import { createHash } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { Row } from '../core/columns.ts'
import { RetortError } from '../core/errors.ts'
import { hashJson } from '../core/hash.ts'
import type { Environment } from '../core/environment.ts'
import type { FileType, SourceFiles, SourceRequest } from '../core/source-files.ts'
import { findCsvTypes, readCsv } from './formats/read-csv.ts'
import { readJson } from './formats/read-json.ts'
import { readJsonl } from './formats/read-jsonl.ts'
import { readOwnParquet } from './formats/read-own-parquet.ts'
import { readParquet } from './formats/read-parquet.ts'
import { readTextFile } from './formats/read-text.ts'
import type { SourceFile } from './formats/source-file.ts'
import type { Buckets } from './sources/buckets.ts'
import { findDatasetFiles } from './sources/datasets/find-dataset-files.ts'
import { findSourceFiles } from './sources/find-source-files.ts'
import { createRemotes } from './sources/remotes.ts'

/** Where the files of requests are found. */
export interface SourceFilesOptions {
  /** The folder where the command was typed; relative paths start there. */
  readonly workingFolder: string
  /** Opens what `s3://` addresses name, when the first is met; by default with the AWS SDK's own variables. */
  readonly openBuckets?: () => Promise<Buckets>
  /** Where the Hugging Face Hub and its token are looked up; `process.env` by default. */
  readonly environment?: Environment
}

/** How many requests' files are remembered between {@link SourceFiles.fingerprint} and {@link SourceFiles.rows}. */
const rememberedRequests = 100

/**
 * Makes the reader of source files: JSONL, JSON, CSV, Parquet and text, local, in buckets or on the
 * Hugging Face Hub.
 *
 * Rows are those of the fingerprint that was last taken of the same request: where a file changed since, reading them
 * throws `source-changed`. A file in a bucket counts as its etag and one of the Hub as its hash, so that a fingerprint
 * does not fetch it.
 */
export function createSourceFiles(options: SourceFilesOptions): SourceFiles {
  const found = new LRUCache<string, readonly SourceFile[]>({ max: rememberedRequests })
  const { workingFolder, environment = process.env } = options
  const remotes = createRemotes(environment, options.openBuckets)
  const find = async (request: SourceRequest) =>
    'dataset' in request
      ? await findDatasetFiles(request, workingFolder, remotes)
      : await findSourceFiles(request, workingFolder, remotes)
  return {
    async fingerprint(request) {
      const files = await find(request)
      found.set(hashJson(request), files)
      const parts: unknown[] = []
      for (const file of files) parts.push(await fingerprintOf(file))
      return hashJson(parts)
    },
    async *rows(request, signal) {
      const files = found.get(hashJson(request)) ?? (await find(request))
      const limit = request.numExamples ?? Number.POSITIVE_INFINITY
      let count = 0
      for await (const rows of readFiles(files, request, signal))
        for (const row of rows) {
          yield row
          if (++count >= limit) return
        }
      if (count === 0) throw noRows(request, files)
    },
  }
}

/** Rows in the order of the files, some at a time. */
async function* readFiles(
  files: readonly SourceFile[],
  request: SourceRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const tables = files.filter(({ type }) => type === 'csv')
  const csvTypes = await findCsvTypes(tables, request.columns ?? {}, signal)
  const columns = request.columns === undefined ? undefined : Object.keys(request.columns)
  const readers: Record<FileType, (file: SourceFile) => AsyncIterable<readonly Row[]>> = {
    jsonl: (file) => readJsonl(file, signal),
    json: (file) => readJson(file, signal),
    csv: (file) => readCsv(file, csvTypes, signal),
    parquet: (file) =>
      file.writtenColumns === undefined
        ? readParquet(file, columns, signal)
        : readOwnParquet(file, file.writtenColumns, signal),
    text: (file) => readTextFile(file, signal),
  }
  for (const file of files) {
    signal.throwIfAborted()
    yield* readers[file.type](file)
  }
}

/** What stands for a file's rows; its name does only where rows hold it, or where the bytes are elsewhere. */
async function fingerprintOf(file: SourceFile): Promise<unknown> {
  const { type, compression, name, local, version, writtenColumns } = file
  if (local === undefined)
    return { type, compression, name, version, ...(writtenColumns && { writtenColumns }) }
  const hash = createHash('sha256')
  for await (const piece of file.read(new AbortController().signal)) hash.update(piece)
  const sha256 = hash.digest('hex')
  if (writtenColumns !== undefined) return { type, writtenColumns, sha256 }
  return type === 'text' ? { type, compression, name, sha256 } : { type, compression, sha256 }
}

function noRows(request: SourceRequest, files: readonly SourceFile[]): RetortError {
  const named = 'dataset' in request ? request.dataset : [request.dataFiles].flat().join("', '")
  const [only] = files
  const message =
    only !== undefined && files.length === 1
      ? `File '${only.name}' holds no rows.`
      : `The ${files.length} files of '${named}' hold no rows.`
  return new RetortError('file-empty', message)
}
