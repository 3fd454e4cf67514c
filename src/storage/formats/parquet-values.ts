import type { DuckDBValue, DuckDBValueConverter, Json } from '@duckdb/node-api'

/** Decimals of more digits do not survive as a number. */
const maxNumberDigits = 15

/**
 * Makes the converter of Parquet's values to JSON.
 *
 * Whole numbers past 2^53 and long decimals become their digits as text, NaN and infinities null, times ISO 8601 (those
 * with a zone in UTC), and a map with text keys an object.
 */
export function createParquetConverter(
  duckdb: typeof import('@duckdb/node-api'),
): DuckDBValueConverter<Json> {
  const timestamps = [
    duckdb.DuckDBTimestampValue,
    duckdb.DuckDBTimestampSecondsValue,
    duckdb.DuckDBTimestampMillisecondsValue,
    duckdb.DuckDBTimestampNanosecondsValue,
  ]
  return (value, type, convert) => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    if (typeof value === 'bigint') return exactInteger(value)
    if (value instanceof duckdb.DuckDBDecimalValue)
      return value.width <= maxNumberDigits ? Number(value.toString()) : value.toString()
    if (value instanceof duckdb.DuckDBTimestampTZValue)
      // Its own text is in this machine's zone.
      return `${toIso(new duckdb.DuckDBTimestampValue(value.micros))}Z`
    if (timestamps.some((timestamp) => value instanceof timestamp)) return toIso(value)
    if (value instanceof duckdb.DuckDBIntervalValue) return value.toString()
    if (value instanceof duckdb.DuckDBMapValue && type instanceof duckdb.DuckDBMapType)
      if (value.entries.every(({ key }) => typeof key === 'string'))
        return Object.fromEntries(
          value.entries.map((entry) => [
            String(entry.key),
            convert(entry.value, type.valueType, convert),
          ]),
        )
    return duckdb.JsonDuckDBValueConverter(value, type, convert)
  }
}

function exactInteger(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

function toIso(value: DuckDBValue): string {
  return String(value).replace(' ', 'T')
}
