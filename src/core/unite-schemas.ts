import { canonicalJson, isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/** JSON Schema of the items of lists that `schema` describes; `{}`, any value, where it does not tell. */
export function itemsOf(schema: JsonObject): JsonObject {
  const items = alternativesOf(schema)
    .filter((one) => one['type'] !== 'null')
    .map((one) => (isItemSchema(one['items']) && !('prefixItems' in one) ? one['items'] : {}))
  return uniteSchemas(items)
}

/** Whether a value can, or cannot, be of a type; `undefined` where the schema does not tell. */
export function canBe(schema: JsonObject, type: string): boolean | undefined {
  const types = alternativesOf(schema).map((one) => one['type'])
  if (types.includes(type)) return true
  return types.includes(undefined) ? undefined : false
}

/** A schema that holds for whatever one of the schemas holds for. */
export function uniteSchemas(schemas: readonly JsonObject[]): JsonObject {
  const distinct = [...new Map(schemas.map((one) => [canonicalJson(one), one])).values()]
  const [only = {}, ...others] = distinct
  if (others.length === 0) return only
  return distinct.some((one) => Object.keys(one).length === 0) ? {} : { anyOf: distinct }
}

/** The schemas of which a value holds for one, each with at most one type. */
export function alternativesOf(schema: JsonObject): JsonObject[] {
  const alternatives = schema['anyOf'] ?? schema['oneOf']
  // References lead to places that only the whole schema has.
  if (canonicalJson(schema).includes('"$ref"')) return [{}]
  if (Array.isArray(alternatives))
    return alternatives.flatMap((one) => (isItemSchema(one) ? alternativesOf(one) : [{}]))
  if (Array.isArray(schema['type'])) return schema['type'].map((type) => ({ ...schema, type }))
  return [schema]
}

function isItemSchema(value: unknown): value is JsonObject {
  return isObject(value)
}
