import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Row } from '../../core/columns.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import type { Store } from '../store.ts'
import { toStorageError } from './storage-error.ts'
import { writeParquetFile } from './write-parquet-file.ts'

/** One Parquet file of a dataset. */
export interface DatasetPart {
  readonly key: string
  readonly rows: number
  readonly bytes: number
}

/**
 * Stores rows as one Parquet part, named by its place among the parts and the hash of its content.
 *
 * Equal rows make equal bytes, so that a part that is written again is the one that is there.
 *
 * The place, from 0, makes readers that go by a pattern meet the parts in order, and keeps apart two parts with
 * equal rows.
 *
 * @throws RetortError `column-mistyped` where a value is not what its schema says; `store-full`
 */
export async function writeParquetPart(options: {
  readonly rows: AsyncIterable<Row>
  readonly columns: ColumnSchemas
  readonly store: Store
  /** The part's folder in the store. */
  readonly prefix: string
  readonly index: number
}): Promise<DatasetPart> {
  const { rows, columns, store, prefix, index } = options
  const folder = await mkdtemp(join(tmpdir(), 'retort-part-'))
  try {
    const file = join(folder, 'part.parquet')
    const written = await writeParquetFile(rows, columns, file)
    const place = String(index).padStart(6, '0')
    const key = `${prefix}/${place}-${await hashFile(file)}.parquet`
    await store.writeIfAbsent(key, createReadStream(file))
    return { key, ...written }
  } catch (error) {
    throw toStorageError(error, `The temporary folder '${folder}'`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece)
  return hash.digest('hex')
}
