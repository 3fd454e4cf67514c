import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'

import type { DatasetPush } from '../../core/dataset-hub.ts'
import { writeParquetFile } from '../parquet/write-parquet-file.ts'

/** A Parquet file of a split on its way to the Hub. */
export interface SplitFile {
  /** Where it lies on this machine. */
  readonly file: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** When the next file of a split begins. */
export interface SplitLimits {
  readonly rows: number
  /** Of the rows as JSON. */
  readonly bytes: number
}

/**
 * Writes rows to Parquet files in a folder, one after another; at least one, so that no rows have columns too.
 *
 * Memory does not grow with the rows. Equal rows make equal files.
 */
export async function writeSplit(
  { rows, columns, signal }: Pick<DatasetPush, 'rows' | 'columns' | 'signal'>,
  folder: string,
  limits: SplitLimits,
): Promise<readonly SplitFile[]> {
  const files: SplitFile[] = []
  const source = rows[Symbol.asyncIterator]()
  try {
    for (let next = await source.next(); files.length === 0 || next.done !== true;) {
      const file = join(folder, `${files.length}.parquet`)
      const filled = { rows: 0, bytes: 0 }
      const portion = async function* () {
        while (next.done !== true) {
          signal.throwIfAborted()
          yield next.value
          filled.rows++
          filled.bytes += JSON.stringify(next.value).length
          next = await source.next()
          if (filled.rows >= limits.rows || filled.bytes >= limits.bytes) return
        }
      }
      const written = await writeParquetFile(portion(), columns, file)
      files.push({ file, ...written, sha256: await hashFile(file) })
    }
  } finally {
    await source.return?.()
  }
  return files
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece)
  return hash.digest('hex')
}
