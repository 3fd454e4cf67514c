import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Row } from '../../core/columns.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { columnTypesOf, quoteIdentifier, sqlType } from './column-type.ts'
import type { ColumnType } from './column-type.ts'
import { connectDuckDB, quoteLiteral, quotePath } from './duckdb.ts'
import { createRowEncoder } from './encode-row.ts'
import { writeText } from './write-text.ts'
import type { WrittenText } from './write-text.ts'

/**
 * Writes rows, in order, to a local Parquet file with zstd compression.
 *
 * Column types come from the schemas alone; a column that a row lacks is null, one that the schemas
 * lack is left out. Memory does not grow with the number of rows.
 *
 * @throws RetortError `column-mistyped` where a value is not what its schema says
 */
export async function writeParquetFile(
  rows: AsyncIterable<Row>,
  columns: ColumnSchemas,
  file: string,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const types = columnTypesOf(columns)
  const folder = await mkdtemp(join(tmpdir(), 'retort-parquet-'))
  try {
    const source = join(folder, 'rows.jsonl')
    const text = await writeText(source, encodeRows(rows, types))
    const connection = await connectDuckDB()
    try {
      await connection.run(copyStatement(types, source, text, file))
    } finally {
      connection.closeSync()
    }
    return { rows: text.lines, bytes: (await stat(file)).size }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* encodeRows(
  rows: AsyncIterable<Row>,
  types: readonly (readonly [string, ColumnType])[],
): AsyncIterable<string> {
  const encode = createRowEncoder(types)
  let index = 0
  for await (const row of rows) yield encode(row, index++)
}

function copyStatement(
  types: readonly (readonly [string, ColumnType])[],
  source: string,
  text: WrittenText,
  file: string,
): string {
  const names = parquetNames(types.map(([name]) => name))
  const selected = names.map((name, index) => `c${index} AS ${quoteIdentifier(name)}`)
  const read = types.map(([, type], index) => `c${index}: ${quoteLiteral(sqlType(type))}`)
  return `COPY (
    SELECT ${selected.join(', ')}
    FROM read_json(${quotePath(source)}, format = 'newline_delimited', records = true, auto_detect = false,
      compression = 'uncompressed', hive_partitioning = false, columns = {${read.join(', ')}},
      maximum_object_size = ${Math.max(1 << 20, text.longest + 1024)})
  ) TO ${quoteLiteral(file)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ROW_GROUP_SIZE ${rowGroupSize(text)})`
}

/** Rows that make about 4 MB of text: what DuckDB holds in memory at once, and what a reader skips. */
function rowGroupSize({ lines, bytes }: WrittenText): number {
  return Math.max(2048, Math.min(65_536, Math.round((4e6 * lines) / Math.max(1, bytes))))
}

/**
 * The names of the columns inside the file: the columns' own, but for what DuckDB cannot hold.
 *
 * It takes names that differ in case only for one, and knows no empty name; readers of ours go by position.
 */
export function parquetNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const seen = new Set<string>()
  return names.map((name) => {
    const folded = name.toLowerCase()
    const isFree = folded !== '' && !seen.has(folded)
    seen.add(folded)
    if (isFree) return name
    for (let number = 1; ; number++) {
      const candidate = `${name}_${number}`
      if (taken.has(candidate.toLowerCase())) continue
      taken.add(candidate.toLowerCase())
      return candidate
    }
  })
}
