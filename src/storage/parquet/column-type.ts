import { isObject } from '../../core/json.ts'
import type { ColumnSchemas } from '../../core/step.ts'

/**
 * The type of a Parquet column, found from a JSON Schema alone, so that every part of a dataset has the same.
 *
 * `json` is text that holds JSON: what has no single type, or keys that are known only from the data.
 */
export type ColumnType =
  | { readonly kind: 'string' | 'integer' | 'number' | 'float' | 'boolean' | 'json' }
  | { readonly kind: 'list'; readonly items: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly (readonly [string, ColumnType])[] }

const json: ColumnType = { kind: 'json' }
const scalars = ['string', 'integer', 'number', 'boolean'] as const

/** The type of a column whose values a JSON Schema describes; whether they may be null makes no difference. */
export function columnTypeOf(schema: unknown): ColumnType {
  if (!isObject(schema) || '$ref' in schema || 'allOf' in schema) return json
  const alternatives = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(alternatives))
    return unite(alternatives.filter((one) => !isNull(one)).map(columnTypeOf))
  if (Array.isArray(schema['type']))
    return unite(
      schema['type']
        .filter((type) => type !== 'null')
        .map((type: unknown) => columnTypeOf({ ...schema, type })),
    )
  const type = schema['type'] ?? impliedType(schema)
  const scalar = scalars.find((kind) => kind === type)
  if (scalar === 'number' && schema['format'] === 'float') return { kind: 'float' }
  if (scalar !== undefined) return { kind: scalar }
  if (type === 'array') return listType(schema)
  return type === 'object' ? structType(schema) : json
}

/** The types of several columns, in order. */
export function columnTypesOf(columns: ColumnSchemas): readonly (readonly [string, ColumnType])[] {
  return Object.entries(columns).map(([name, schema]) => [name, columnTypeOf(schema)])
}

/** A type as SQL writes it, with `JSON` where text holds JSON. */
export function describeType(type: ColumnType): string {
  return type.kind === 'json' ? 'JSON' : writeType(type, describeType)
}

/** A type as DuckDB stores it. */
export function sqlType(type: ColumnType): string {
  return type.kind === 'json' ? 'VARCHAR' : writeType(type, sqlType)
}

/** A name as SQL quotes it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const scalarNames = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  json: 'JSON',
} as const

function writeType(type: ColumnType, write: (inner: ColumnType) => string): string {
  if (type.kind === 'list') return `${write(type.items)}[]`
  if (type.kind !== 'struct') return scalarNames[type.kind]
  const fields = type.fields.map(([name, field]) => `${quoteIdentifier(name)} ${write(field)}`)
  return `STRUCT(${fields.join(', ')})`
}

function unite(types: readonly ColumnType[]): ColumnType {
  const kinds = new Map(types.map((type) => [describeType(type), type]))
  if (kinds.size === 2 && kinds.has('BIGINT') && kinds.has('DOUBLE')) return { kind: 'number' }
  const [only] = kinds.values()
  return kinds.size === 1 && only !== undefined ? only : json
}

function isNull(schema: unknown): boolean {
  return isObject(schema) && (schema['type'] === 'null' || schema['const'] === null)
}

/** The type that a schema without one has all the same. */
function impliedType(schema: Readonly<Record<string, unknown>>): unknown {
  if (isObject(schema['properties'])) return 'object'
  const values = Array.isArray(schema['enum']) ? schema['enum'] : [schema['const']]
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value))
  const [only] = types
  return types.size === 1 && (only === 'string' || only === 'number' || only === 'boolean')
    ? only
    : undefined
}

function listType(schema: Readonly<Record<string, unknown>>): ColumnType {
  if ('prefixItems' in schema) return json
  const items = columnTypeOf(schema['items'])
  return items.kind === 'json' ? json : { kind: 'list', items }
}

function structType(schema: Readonly<Record<string, unknown>>): ColumnType {
  const properties = Object.entries(isObject(schema['properties']) ? schema['properties'] : {})
  const isOpen =
    'patternProperties' in schema || (schema['additionalProperties'] ?? false) !== false
  // DuckDB knows no struct without fields, and takes `a` and `A` for one field.
  const names = new Set(properties.map(([name]) => name.toLowerCase()))
  if (isOpen || names.has('') || names.size === 0 || names.size < properties.length) return json
  return {
    kind: 'struct',
    fields: properties.map(([name, property]) => [name, columnTypeOf(property)]),
  }
}
