import type { Row } from '../../core/columns.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { ColumnType } from './column-type.ts'

type EncodeValue = (value: unknown, rowIndex: number) => string

/**
 * Makes the function that writes a row as one line of JSON whose keys are `c0`, `c1`, … in the order of the columns.
 *
 * DuckDB would round 1.5 to an integer and read '7' as one; here such a value is a RetortError `column-mistyped`.
 */
export function createRowEncoder(
  columns: readonly (readonly [string, ColumnType])[],
): (row: Row, rowIndex: number) => string {
  const encoders = columns.map(([name, type], index) => ({
    name,
    key: `"c${index}":`,
    encode: createEncoder(type, name),
  }))
  return (row, rowIndex) => {
    const members: string[] = []
    for (const { name, key, encode } of encoders) {
      const value = Object.hasOwn(row, name) ? row[name] : null
      if (value !== null && value !== undefined) members.push(key + encode(value, rowIndex))
    }
    return `{${members.join(',')}}`
  }
}

function createEncoder(type: ColumnType, path: string): EncodeValue {
  switch (type.kind) {
    case 'string':
      return (value, rowIndex) =>
        typeof value === 'string' ? encodeText(value) : mistyped(value, 'a string', path, rowIndex)
    case 'boolean':
      return (value, rowIndex) =>
        typeof value === 'boolean' ? String(value) : mistyped(value, 'a boolean', path, rowIndex)
    case 'number':
    case 'float':
      return (value, rowIndex) =>
        typeof value === 'number'
          ? JSON.stringify(value)
          : mistyped(value, 'a number', path, rowIndex)
    case 'integer':
      return (value, rowIndex) =>
        isInteger64(value)
          ? String(Number.isSafeInteger(value) ? value : BigInt(value))
          : mistyped(value, 'a 64-bit integer', path, rowIndex)
    case 'json':
      return (value) => JSON.stringify(JSON.stringify(value))
    case 'list':
      return createListEncoder(type.items, path)
    case 'struct':
      return createStructEncoder(type.fields, path)
  }
}

function createListEncoder(items: ColumnType, path: string): EncodeValue {
  const encode = createEncoder(items, `${path}[]`)
  const isOfNumbers = items.kind === 'number' || items.kind === 'float'
  return (value, rowIndex) => {
    if (!Array.isArray(value)) return mistyped(value, 'an array', path, rowIndex)
    // A vector has thousands of them, which are written faster at once.
    if (isOfNumbers && value.every((item) => typeof item === 'number')) return JSON.stringify(value)
    const texts = value.map((item) => (item === null ? 'null' : encode(item, rowIndex)))
    return `[${texts.join(',')}]`
  }
}

function createStructEncoder(
  fields: readonly (readonly [string, ColumnType])[],
  path: string,
): EncodeValue {
  const encoders = new Map(
    fields.map(([name, type]) => [
      name,
      { key: `${JSON.stringify(name)}:`, encode: createEncoder(type, `${path}.${name}`) },
    ]),
  )
  return (value, rowIndex) => {
    if (!isObject(value)) return mistyped(value, 'an object', path, rowIndex)
    const members: string[] = []
    for (const [name, member] of Object.entries(value)) {
      if (member === null || member === undefined) continue
      const field = encoders.get(name)
      if (field === undefined)
        return mistyped(value, `an object without key '${name}'`, path, rowIndex)
      members.push(field.key + field.encode(member, rowIndex))
    }
    return `{${members.join(',')}}`
  }
}

/** Parquet holds UTF-8, which has no halves of surrogate pairs. */
function encodeText(text: string): string {
  return JSON.stringify(text.isWellFormed() ? text : text.toWellFormed())
}

function isInteger64(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63
  )
}

function mistyped(value: unknown, wanted: string, path: string, rowIndex: number): never {
  const text = (JSON.stringify(value) ?? String(value)).slice(0, 100)
  throw new RetortError(
    'column-mistyped',
    `Column '${path}' holds ${text} in row ${rowIndex}, where its schema asks for ${wanted}; correct the schema or the step that writes the column.`,
    { data: { column: path, row: rowIndex, value: text } },
  )
}
