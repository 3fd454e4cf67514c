import type { DuckDBResult, DuckDBType } from '@duckdb/node-api'

import type { Row } from '../../core/columns.ts'
import { isRetortError, messageOf, RetortError } from '../../core/errors.ts'
import { quoted } from '../../core/names.ts'
import { quoteIdentifier } from '../parquet/column-type.ts'
import { connectDuckDB, quotePath } from '../parquet/duckdb.ts'
import { withLocalPlace } from './local-copy.ts'
import { malformed } from './malformed.ts'
import { createParquetConverter } from './parquet-values.ts'
import { parseJson } from './parse-json.ts'
import type { LocalPlace, SourceFile } from './source-file.ts'

type DuckDB = typeof import('@duckdb/node-api')

/**
 * Rows of a Parquet file in its order; only those of its columns that are named, where some are.
 *
 * A column of bytes is an error, since a row is JSON.
 */
export async function* readParquet(
  file: SourceFile,
  columns: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  yield* withLocalPlace(file, signal, (place) => readPlace(file, place, columns, signal))
}

async function* readPlace(
  file: SourceFile,
  place: LocalPlace,
  columns: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const duckdb = await import('@duckdb/node-api')
  const connection = await connectDuckDB()
  try {
    await place.check()
    const from = `FROM read_parquet(${quotePath(place.path)}, hive_partitioning = false)`
    const there = (await connection.stream(`${from} LIMIT 0`)).columnNames()
    const chosen = columns?.filter((name) => there.includes(name)) ?? there
    if (chosen.length === 0) throw columnsMissing(file, columns ?? [], there)
    const result = await connection.stream(`SELECT ${chosen.map(quoteIdentifier).join()} ${from}`)
    refuseBytes(duckdb, file, result)
    const jsonColumns = chosen.filter((_, index) => result.columnType(index).alias === 'JSON')
    for await (const rows of result.yieldConvertedRowObjects(createParquetConverter(duckdb))) {
      signal.throwIfAborted()
      for (const row of rows) parseColumns(row, jsonColumns)
      yield rows
    }
    await place.check()
  } catch (error) {
    if (isRetortError(error) || signal.aborted) throw error
    const [reason = ''] = messageOf(error).split('\n', 1)
    throw malformed(file, `cannot be read as Parquet: ${reason}`, { cause: error })
  } finally {
    connection.closeSync()
  }
}

/** Text that the file marks as JSON becomes its value. */
function parseColumns(row: Record<string, unknown>, columns: readonly string[]): void {
  for (const name of columns) {
    const text = row[name]
    if (typeof text === 'string') row[name] = parseJson(text)
  }
}

function columnsMissing(
  file: SourceFile,
  columns: readonly string[],
  there: readonly string[],
): RetortError {
  return new RetortError(
    'column-missing',
    `File '${file.name}' has none of the columns ${quoted(columns)}; it has ${quoted(there)}.`,
  )
}

function refuseBytes(duckdb: DuckDB, file: SourceFile, result: DuckDBResult): void {
  for (const [index, name] of result.columnNames().entries()) {
    const path = partOfBytes(duckdb, result.columnType(index), name)
    if (path !== undefined)
      throw malformed(
        file,
        `has bytes in column '${path}', which a row of JSON cannot hold; name the columns to read in 'columns'`,
      )
  }
}

/** The path of the part of a column that holds bytes. */
function partOfBytes(duckdb: DuckDB, type: DuckDBType, path: string): string | undefined {
  const { DuckDBTypeId } = duckdb
  if (type.typeId === DuckDBTypeId.BLOB || type.typeId === DuckDBTypeId.GEOMETRY) return path
  if (type instanceof duckdb.DuckDBListType || type instanceof duckdb.DuckDBArrayType)
    return partOfBytes(duckdb, type.valueType, path)
  if (type instanceof duckdb.DuckDBMapType)
    return partOfBytes(duckdb, type.keyType, path) ?? partOfBytes(duckdb, type.valueType, path)
  if (!(type instanceof duckdb.DuckDBStructType)) return undefined
  for (const [index, name] of type.entryNames.entries()) {
    const entry = type.entryTypes[index]
    const found = entry === undefined ? undefined : partOfBytes(duckdb, entry, `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
