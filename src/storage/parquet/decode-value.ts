import type { DuckDBListValue, DuckDBStructValue, DuckDBValue } from '@duckdb/node-api'

import type { ColumnType } from './column-type.ts'

/** Makes the function that turns DuckDB's value of a type into the JSON value that was written. */
export function createValueDecoder(type: ColumnType): (value: DuckDBValue) => unknown {
  const decode = createDecoder(type)
  return (value) => (value === null ? null : decode(value))
}

// Each cast below is sound because the column was read as the SQL type of its `ColumnType`.
function createDecoder(type: ColumnType): (value: DuckDBValue) => unknown {
  switch (type.kind) {
    case 'integer':
      return Number
    case 'json':
      return (value) => JSON.parse(value as string)
    case 'list': {
      const decodeItem = createValueDecoder(type.items)
      return (value) => (value as DuckDBListValue).items.map(decodeItem)
    }
    case 'struct': {
      const decoders = type.fields.map(
        ([name, field]) => [name, createValueDecoder(field)] as const,
      )
      return (value) => {
        const { entries } = value as DuckDBStructValue
        return Object.fromEntries(
          decoders.map(([name, decode]) => [name, decode(entries[name] ?? null)]),
        )
      }
    }
    default:
      return (value) => value
  }
}
