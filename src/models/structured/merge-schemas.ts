import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isJsonObject, schemaList } from './subschemas.ts'

/**
 * One schema that says what several say of the same value; `undefined` where it is not plain how.
 *
 * Of two that speak of the same member, the member has to hold both.
 */
export function mergeSchemas(schemas: readonly JsonObject[]): JsonObject | undefined {
  let merged: JsonObject | undefined = {}
  for (const schema of schemas) {
    merged = merged === undefined ? undefined : mergeTwo(merged, schema)
    if (merged === undefined) return undefined
  }
  return merged
}

function mergeTwo(one: JsonObject, other: JsonObject): JsonObject | undefined {
  const merged: Record<string, JsonValue> = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const before = one[key]
    const both = before === undefined ? value : mergeKeyword(key, before, value)
    if (both === undefined) return undefined
    merged[key] = both
  }
  return merged
}

function mergeKeyword(key: string, one: JsonValue, other: JsonValue): JsonValue | undefined {
  if (JSON.stringify(one) === JSON.stringify(other)) return one
  if (key === 'description')
    return typeof one === 'string' && typeof other === 'string' ? `${one} ${other}` : one
  if (key === 'required')
    return [...new Set([...(schemaList(one) ?? []), ...(schemaList(other) ?? [])])]
  if (key !== 'properties' || !isJsonObject(one) || !isJsonObject(other)) return undefined
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    names.map((name): [string, JsonValue] => {
      const members = [one[name], other[name]].filter((member) => member !== undefined)
      const [only] = members
      return [name, members.length === 1 && only !== undefined ? only : { allOf: members }]
    }),
  )
}
