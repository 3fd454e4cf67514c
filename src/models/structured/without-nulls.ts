import type { JsonObject, JsonValue } from '../../core/json.ts'
import { memberPointer, valueAtPointer } from './json-pointer.ts'
import { isJsonObject, schemaList, schemasByName } from './subschemas.ts'

/** What the walk over a value and its schema needs. */
export interface NullRules {
  readonly root: JsonObject
  /** Whether a value holds the schema at a pointer within the root. */
  holdsAt(pointer: string, value: JsonValue): boolean
}

/**
 * A value without the members that are `null` where its schema allows them to be left out, but not to be `null`.
 *
 * A strict provider asks for every member, and has `null` for those that are optional.
 */
export function withoutNulls(value: JsonValue, rules: NullRules, pointer = '#'): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  const schema = valueAtPointer(rules.root, pointer) as JsonValue | undefined
  if (!isJsonObject(schema)) return value
  let cleaned: JsonValue = value
  const { $ref } = schema
  // A reference leads on with the same value; one that leads back here with nothing between would not compile.
  if (typeof $ref === 'string' && $ref.startsWith('#') && $ref !== pointer)
    cleaned = withoutNulls(cleaned, rules, $ref)
  for (const [index] of (schemaList(schema['allOf']) ?? []).entries())
    cleaned = withoutNulls(cleaned, rules, memberPointer(pointer, 'allOf', index))
  for (const keyword of ['anyOf', 'oneOf'])
    cleaned = ofChoice(cleaned, rules, pointer, keyword, schemaList(schema[keyword]) ?? [])
  return Array.isArray(cleaned)
    ? ofItems(cleaned as readonly JsonValue[], schema, rules, pointer)
    : ofMembers(cleaned as JsonObject, schema, rules, pointer)
}

/** The value as the first choice has it that then takes it. */
function ofChoice(
  value: JsonValue,
  rules: NullRules,
  pointer: string,
  keyword: string,
  choices: readonly JsonValue[],
): JsonValue {
  for (const index of choices.keys()) {
    const choice = memberPointer(pointer, keyword, index)
    const cleaned = withoutNulls(value, rules, choice)
    if (rules.holdsAt(choice, cleaned)) return cleaned
  }
  return value
}

function ofItems(
  items: readonly JsonValue[],
  schema: JsonObject,
  rules: NullRules,
  pointer: string,
): JsonValue {
  const tuple = schemaList(schema['prefixItems']) ?? schemaList(schema['items']) ?? []
  const tupleKeyword = schemaList(schema['prefixItems']) === undefined ? 'items' : 'prefixItems'
  return items.map((item, index) =>
    withoutNulls(
      item,
      rules,
      index < tuple.length
        ? memberPointer(pointer, tupleKeyword, index)
        : memberPointer(pointer, 'items'),
    ),
  )
}

function ofMembers(
  value: JsonObject,
  schema: JsonObject,
  rules: NullRules,
  pointer: string,
): JsonValue {
  const known = new Map(schemasByName(schema['properties']))
  const required = schemaList(schema['required']) ?? []
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
      if (!known.has(name)) return [[name, member]]
      const place = memberPointer(pointer, 'properties', name)
      if (member === null && !required.includes(name) && !rules.holdsAt(place, null)) return []
      return [[name, withoutNulls(member, rules, place)]]
    }),
  )
}
