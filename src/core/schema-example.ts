import { isObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** Deeper values are the emptiest of their type, so that a schema which refers to itself has an end. */
const deepest = 8

/**
 * A value that holds a JSON Schema, as a model that is simulated gives it; of what the schema asks in patterns,
 * conditions and the like it knows nothing.
 */
export function exampleOf(schema: unknown, root: JsonObject = {}, depth = 0): JsonValue {
  if (!isObject(schema)) return 'text'
  const found = resolve(schema, root)
  if (found['const'] !== undefined) return found['const'] as JsonValue
  if (Array.isArray(found['enum'])) return (found['enum'][0] ?? null) as JsonValue
  const alternatives = found['anyOf'] ?? found['oneOf']
  if (Array.isArray(alternatives)) return exampleOf(chosen(alternatives, depth), root, depth)
  if (Array.isArray(found['allOf']))
    return exampleOf(Object.assign({}, found, { allOf: undefined }, ...found['allOf']), root, depth)
  const { type } = found
  switch (Array.isArray(type) ? (type.find((one) => one !== 'null') ?? 'null') : type) {
    case 'null':
      return null
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return numberOf(found)
    case 'array':
      return arrayOf(found, root, depth)
    case 'string':
      return textOf(found)
    default:
      return 'properties' in found || type === 'object' ? objectOf(found, root, depth) : 'text'
  }
}

function resolve(schema: Record<string, unknown>, root: JsonObject): Record<string, unknown> {
  const { $ref: reference } = schema
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema
  const target = reference
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (at, part) =>
        isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined,
      root,
    )
  return isObject(target) ? target : {}
}

/** Deep down the alternative that leads no further. */
function chosen(alternatives: readonly unknown[], depth: number): unknown {
  const isNull = (one: unknown) => isObject(one) && one['type'] === 'null'
  if (depth >= deepest) return alternatives.find(isNull) ?? alternatives[0]
  return alternatives.find((one) => !isNull(one)) ?? alternatives[0]
}

function numberOf({
  minimum,
  exclusiveMinimum,
  maximum,
  multipleOf,
}: Record<string, unknown>): number {
  const step = typeof multipleOf === 'number' ? multipleOf : 1
  if (typeof minimum === 'number') return Math.ceil(minimum / step) * step
  if (typeof exclusiveMinimum === 'number') return (Math.floor(exclusiveMinimum / step) + 1) * step
  return typeof maximum === 'number' && maximum < step ? Math.floor(maximum / step) * step : step
}

function textOf({ minLength, maxLength, format }: Record<string, unknown>): string {
  const known = typeof format === 'string' ? textsOfFormats[format] : undefined
  if (known !== undefined) return known
  const least = typeof minLength === 'number' ? minLength : 0
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY
  return 'text'.padEnd(least, '.').slice(0, most)
}

const textsOfFormats: Readonly<Record<string, string>> = {
  date: '2000-01-01',
  time: '00:00:00Z',
  'date-time': '2000-01-01T00:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function arrayOf(found: Record<string, unknown>, root: JsonObject, depth: number): JsonValue[] {
  const { items, minItems, maxItems } = found
  const least = typeof minItems === 'number' ? minItems : 0
  const usual = depth >= deepest || maxItems === 0 ? least : Math.max(1, least)
  return Array.from({ length: usual }, () => exampleOf(items, root, depth + 1))
}

function objectOf(found: Record<string, unknown>, root: JsonObject, depth: number): JsonObject {
  const { properties, required } = found
  const needed = new Set(Array.isArray(required) ? required : [])
  const members = Object.entries(isObject(properties) ? properties : {}).filter(
    ([name]) => depth < deepest || needed.has(name),
  )
  return Object.fromEntries(
    members.map(([name, schema]) => [name, exampleOf(schema, root, depth + 1)]),
  )
}
