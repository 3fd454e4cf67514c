import type { JsonObject, JsonValue } from '../../core/json.ts'
import { valueAtPointer } from './json-pointer.ts'
import { isJsonObject, schemaList, schemasByName } from './subschemas.ts'

// What OpenAI says of the schemas that its structured outputs take.
const mostLevels = 10
const mostProperties = 5_000
const mostCharacters = 120_000
const mostChoices = 1_000
/** Past so many values, a list of texts may have no more characters than {@link mostLongListCharacters}. */
const longList = 250
const mostLongListCharacters = 15_000

/** Whether a schema in strict form is small enough for the provider. */
export function isWithinStrictLimits(schema: JsonObject): boolean {
  const parts = allParts(schema)
  const names = parts.flatMap(({ properties }) => schemasByName(properties).map(([name]) => name))
  const lists = parts.flatMap((part) => [schemaList(part['enum']) ?? []])
  const choices = lists.flat()
  const definitions = schemasByName(schema['$defs']).map(([name]) => name)
  return (
    names.length <= mostProperties &&
    choices.length <= mostChoices &&
    characters([...names, ...definitions, ...choices]) <= mostCharacters &&
    lists.every((list) => list.length <= longList || characters(list) <= mostLongListCharacters) &&
    isShallow(schema, schema, mostLevels, [])
  )
}

function characters(values: readonly JsonValue[]): number {
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value : JSON.stringify(value)).length,
    0,
  )
}

function allParts(schema: JsonValue | undefined): readonly JsonObject[] {
  if (!isJsonObject(schema)) return []
  const inner = [...children(schema), ...schemasByName(schema['$defs']).map(([, one]) => one)]
  return [schema, ...inner.flatMap(allParts)]
}

function children(schema: JsonObject): readonly JsonValue[] {
  const { items } = schema
  return [
    ...schemasByName(schema['properties']).map(([, member]) => member),
    ...(schemaList(schema['anyOf']) ?? []),
    ...(items === undefined ? [] : [items]),
  ]
}

/** Whether objects and arrays are within one another no more often than `levels`; recursion counts once. */
function isShallow(
  schema: JsonValue,
  root: JsonObject,
  levels: number,
  seen: readonly string[],
): boolean {
  if (!isJsonObject(schema)) return true
  const { $ref } = schema
  if (typeof $ref === 'string') {
    const target = valueAtPointer(root, $ref) as JsonValue | undefined
    return (
      seen.includes($ref) ||
      target === undefined ||
      isShallow(target, root, levels, [...seen, $ref])
    )
  }
  const isContainer = schema['properties'] !== undefined || schema['items'] !== undefined
  const left = isContainer ? levels - 1 : levels
  return left >= 0 && children(schema).every((child) => isShallow(child, root, left, seen))
}
