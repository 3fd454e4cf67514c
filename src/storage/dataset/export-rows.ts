import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import type { Row } from '../../core/columns.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { makeFolders } from '../make-folders.ts'
import { toStorageError } from '../parquet/storage-error.ts'
import { writeParquetFile } from '../parquet/write-parquet-file.ts'
import { writeText } from '../parquet/write-text.ts'

/** Formats that a dataset is exported in. */
export const exportFormats = ['jsonl', 'csv', 'parquet'] as const

/** A format that a dataset is exported in. */
export type ExportFormat = (typeof exportFormats)[number]

/**
 * Writes rows to a local file, which appears once it is whole; a file that is there is replaced.
 *
 * Folders that are missing are made. In CSV, null is an empty field, an empty text is `""`, and a list or an
 * object is JSON.
 *
 * @throws RetortError `store-read-only`, `store-full`, `usage`, `column-mistyped`
 */
export async function exportRows(
  rows: AsyncIterable<Row>,
  columns: ColumnSchemas,
  file: string,
  format: ExportFormat,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const target = resolve(file)
  try {
    await makeFolders(dirname(target))
    await refuseFolder(target)
    return await replaceFile(target, (temporary) => writeFormat(rows, columns, temporary, format))
  } catch (error) {
    throw toStorageError(error, `'${file}'`)
  }
}

/** Lets `write` make a file beside `target` and puts it in its place. */
async function replaceFile<T>(target: string, write: (file: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(target), `.retort-${randomUUID()}.tmp`)
  try {
    const written = await write(temporary)
    await rename(temporary, target)
    return written
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeFormat(
  rows: AsyncIterable<Row>,
  columns: ColumnSchemas,
  file: string,
  format: ExportFormat,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const names = Object.keys(columns)
  switch (format) {
    case 'parquet': {
      const written = await writeParquetFile(rows, columns, file)
      await sync(file)
      return written
    }
    case 'jsonl': {
      const { lines, bytes } = await writeText(file, toJsonLines(rows, names), { isDurable: true })
      return { rows: lines, bytes }
    }
    case 'csv': {
      const { lines, bytes } = await writeText(file, toCsvLines(rows, names), {
        lineEnd: '\r\n',
        isDurable: true,
      })
      return { rows: lines - 1, bytes }
    }
  }
}

async function* toJsonLines(
  rows: AsyncIterable<Row>,
  names: readonly string[],
): AsyncIterable<string> {
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  for await (const row of rows)
    yield `{${names.map((name, index) => keys[index] + JSON.stringify(row[name] ?? null)).join(',')}}`
}

async function* toCsvLines(
  rows: AsyncIterable<Row>,
  names: readonly string[],
): AsyncIterable<string> {
  yield names.map(toCsvField).join(',')
  for await (const row of rows)
    // Readers skip a line with nothing in it.
    yield names.map((name) => toCsvField(row[name])).join(',') || '""'
}

function toCsvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

async function refuseFolder(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory() === true)
    throw Object.assign(new Error(`'${path}' is a folder`), { code: 'EISDIR' })
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
