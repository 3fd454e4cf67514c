import type { Row } from '../../core/columns.ts'
import { messageOf, RetortError } from '../../core/errors.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { columnTypesOf } from './column-type.ts'
import { createValueDecoder } from './decode-value.ts'
import { connectDuckDB, quotePath } from './duckdb.ts'

/**
 * Reads rows of a Parquet file that {@link writeParquetFile} wrote with the same columns, in order, 2,048 at a time.
 *
 * @throws RetortError `store-corrupt` where the file is no such Parquet file
 */
export async function* readParquetFile<Columns extends Row = Row>(
  file: string,
  columns: ColumnSchemas,
  range: { readonly offset?: number; readonly limit?: number } = {},
): AsyncIterable<Columns> {
  const decoders = columnTypesOf(columns).map(
    ([name, type]) => [name, createValueDecoder(type)] as const,
  )
  const { offset = 0, limit } = range
  const connection = await connectDuckDB()
  try {
    const result = await connection.stream(
      `FROM read_parquet(${quotePath(file)}, hive_partitioning = false)
       ${limit === undefined ? '' : `LIMIT ${limit}`} OFFSET ${offset}`,
    )
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      const values = chunk.getColumns()
      for (let row = 0; row < chunk.rowCount; row++) {
        const entries = decoders.map(
          ([name, decode], column) => [name, decode(values[column]?.[row] ?? null)] as const,
        )
        // The columns are those that the caller names, and the values those that were written.
        yield Object.fromEntries(entries) as Columns
      }
    }
  } catch (error) {
    throw new RetortError(
      'store-corrupt',
      `Parquet file '${file}' cannot be read: ${messageOf(error).split('\n')[0]}`,
      { cause: error },
    )
  } finally {
    connection.closeSync()
  }
}
