import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import { connectDuckDB, quotePath } from '../../../src/storage/parquet/duckdb.ts'

/** Makes a folder that goes away with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Rows that come one by one, as a step's would. */
export async function* streamOf<T>(rows: Iterable<T>): AsyncIterable<T> {
  yield* rows
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

/** What SQL says about a file, which the query names `$file`. */
export async function query(sql: string, file: string): Promise<readonly Row[]> {
  const connection = await connectDuckDB()
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll('$file', quotePath(file)))
    return reader.getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

/** Column names and types of a file as any SQL user sees them. */
export async function typesIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  const rows = await query('DESCRIBE FROM read_parquet($file)', file)
  return Object.fromEntries(rows.map((row) => [String(row['column_name']), row['column_type']]))
}
