import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Row } from '../../core/columns.ts'
import { RetortError } from '../../core/errors.ts'
import { quoted } from '../../core/names.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { readParquetFile } from '../parquet/read-parquet-file.ts'
import { toStorageError } from '../parquet/storage-error.ts'
import type { DatasetPart } from '../parquet/write-parquet-part.ts'
import type { Store } from '../store.ts'
import type { DatasetLeaf, DatasetManifest } from './dataset-manifest.ts'
import { readManifest } from './read-manifest.ts'
import { identifiedColumns, rejectedColumns } from './rejected-rows.ts'
import type { RejectedRecord } from './rejected-rows.ts'

/** Which rows of a dataset are read. */
export interface RowRange {
  /** Rows to pass over; 0 by default. */
  readonly offset?: number
  /** At most so many rows; all of them by default. */
  readonly limit?: number
}

/** A committed version of a dataset, whose rows are read as they are asked for. */
export interface Dataset<Columns extends Row = Row> {
  readonly manifest: DatasetManifest
  /**
   * The rows of a leaf, in order; `leaf` may be left out where there is one only.
   *
   * Only the parts that the range touches are read, a few thousand rows at a time.
   *
   * @throws RetortError `usage` for an unknown leaf, or none where there are several; `store-corrupt`
   */
  rows(options?: RowRange & { readonly leaf?: string }): AsyncIterable<Columns>
  /** The rows that steps could not make. */
  rejectedRows(
    options?: RowRange & { readonly hasIdentities?: boolean },
  ): AsyncIterable<RejectedRecord>
}

/**
 * Opens a version of a dataset, `latest` by default.
 *
 * @throws RetortError `dataset-missing`, naming those there are
 */
export async function openDataset<Columns extends Row = Row>(
  store: Store,
  name: string,
  version?: string,
): Promise<Dataset<Columns>> {
  const manifest = await readManifest(store, name, version)
  return {
    manifest,
    rows: ({ leaf, ...range } = {}) => {
      const { columns, parts } = chooseLeaf(manifest, leaf)
      return readParts<Columns>(store, parts, columns, range)
    },
    rejectedRows: ({ hasIdentities, ...range } = {}) => {
      const isIdentified = hasIdentities === true && manifest.rejected.hasIdentities === true
      const columns = isIdentified ? identifiedColumns : rejectedColumns
      return readParts<RejectedRecord>(store, manifest.rejected.parts, columns, range)
    },
  }
}

/** The leaf of a name, or the only one there is. */
export function chooseLeaf(manifest: DatasetManifest, name: string | undefined): DatasetLeaf {
  const { leaves } = manifest
  const leaf = name === undefined ? leaves[0] : leaves.find((one) => one.name === name)
  if (leaf !== undefined && (name !== undefined || leaves.length === 1)) return leaf
  const there = quoted(leaves.map((one) => one.name))
  throw new RetortError(
    'usage',
    name === undefined
      ? `Dataset '${manifest.name}' has ${leaves.length} leaves; name one of ${there}.`
      : `Dataset '${manifest.name}' has no leaf '${name}'. Leaves there: ${there}.`,
  )
}

async function* readParts<Columns extends Row>(
  store: Store,
  parts: readonly DatasetPart[],
  columns: ColumnSchemas,
  range: RowRange,
): AsyncIterable<Columns> {
  let { offset = 0, limit = Number.POSITIVE_INFINITY } = range
  for (const part of parts) {
    if (limit <= 0) return
    if (offset >= part.rows) {
      offset -= part.rows
      continue
    }
    const count = Math.min(limit, part.rows - offset)
    yield* readPart<Columns>(store, part, columns, { offset, limit: count })
    limit -= count
    offset = 0
  }
}

async function* readPart<Columns extends Row>(
  store: Store,
  part: DatasetPart,
  columns: ColumnSchemas,
  range: RowRange,
): AsyncIterable<Columns> {
  const local = store.localPath?.(part.key)
  if (local !== undefined) return yield* readParquetFile<Columns>(local, columns, range)
  const folder = await mkdtemp(join(tmpdir(), 'retort-part-'))
  try {
    const file = join(folder, 'part.parquet')
    await download(store, part.key, file)
    yield* readParquetFile<Columns>(file, columns, range)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function download(store: Store, key: string, file: string): Promise<void> {
  const pieces = await store.read(key)
  if (pieces === undefined)
    throw new RetortError(
      'store-corrupt',
      `'${key}', which a manifest lists, is not in ${store.uri}.`,
    )
  try {
    await pipeline(pieces, createWriteStream(file))
  } catch (error) {
    throw toStorageError(error, `The temporary file '${file}'`)
  }
}
