import { join } from 'node:path'
import { tmpdir } from 'node:os'

import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

// One engine a process: each would take its own memory, and loading it takes a tenth of a second.
let instance: Promise<DuckDBInstance> | undefined

/** Opens a connection to this process's DuckDB; close it with `closeSync()`. */
export async function connectDuckDB(): Promise<DuckDBConnection> {
  instance ??= createInstance()
  return (await instance).connect()
}

/** Loads DuckDB ahead of its first use; what goes wrong is told by that use. */
export async function warmUpParquet(): Promise<void> {
  try {
    const connection = await connectDuckDB()
    connection.closeSync()
  } catch {
    instance = undefined
  }
}

/** A text as SQL quotes it. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A path for DuckDB's readers, which take `*`, `?` and `[` for patterns. */
export function quotePath(path: string): string {
  return quoteLiteral(path.replace(/[*?[]/g, '[$&]'))
}

async function createInstance(): Promise<DuckDBInstance> {
  const { DuckDBInstance: engine } = await import('@duckdb/node-api')
  return engine.create(':memory:', {
    // With one thread a query's row groups, and so a part's hash, depend on the rows alone, and it
    // takes a fourth of the memory; queries of several connections still run side by side.
    threads: '1',
    memory_limit: '512MB',
    // Else it gives little back of what it has freed.
    allocator_background_threads: 'true',
    temp_directory: join(tmpdir(), `retort-duckdb-${process.pid}`),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}
