import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'

const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']
const singles = [
  'items',
  'additionalItems',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
]

/** Whether a value is an object of JSON. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isObject(value)
}

/** The members of a keyword that holds schemas by name; none where it holds something else. */
export function schemasByName(value: JsonValue | undefined): readonly [string, JsonValue][] {
  return isJsonObject(value) ? Object.entries(value) : []
}

/** The schemas of a keyword that holds a list of them; `undefined` where it holds no list. */
export function schemaList(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  // `Array.isArray` forgets that the list is read-only.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : undefined
}

/** A schema with another in the place of each that it holds directly; values such as `const` are left alone. */
export function mapSubschemas(
  schema: JsonObject,
  change: (subschema: JsonObject) => JsonValue,
): JsonObject {
  const changed = (value: JsonValue) => (isJsonObject(value) ? change(value) : value)
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, JsonValue] => {
      if (maps.includes(key) && isJsonObject(value))
        return [
          key,
          Object.fromEntries(Object.entries(value).map(([name, one]) => [name, changed(one)])),
        ]
      if (lists.includes(key) && Array.isArray(value))
        return [key, (schemaList(value) ?? []).map(changed)]
      return [key, singles.includes(key) ? changed(value) : value]
    }),
  )
}
