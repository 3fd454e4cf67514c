import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'

/** The bytes of a Parquet file with what a query gives. */
export async function parquetOf(query: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-test-parquet-'))
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    await connection.run(`COPY (${query}) TO '${folder}/a.parquet'`)
    return await readFile(join(folder, 'a.parquet'))
  } finally {
    instance.closeSync()
    await rm(folder, { recursive: true })
  }
}
