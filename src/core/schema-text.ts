import { isObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** Past so many choices the rest is left out. */
const mostChoices = 8

/** A JSON Schema as people write types: `string`, `integer[]`, `'keep' | 'reject'`; `any` where every value is welcome. */
export function schemaText(schema: JsonObject): string {
  if (schema['const'] !== undefined) return literal(schema['const'])
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literal))
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices))
    return union(choices.map((choice: unknown) => (isObject(choice) ? textOf(choice) : 'any')))
  const { type } = schema
  if (Array.isArray(type)) return union(type.map((one) => typeText(String(one), schema)))
  return typeof type === 'string' ? typeText(type, schema) : 'any'
}

function textOf(schema: Readonly<Record<string, unknown>>): string {
  // A member of a JSON value is one, too.
  return schemaText(schema as JsonObject)
}

function typeText(type: string, { items }: JsonObject): string {
  if (type !== 'array') return type
  const item = isObject(items) ? textOf(items) : 'any'
  return item.includes(' ') ? `(${item})[]` : `${item}[]`
}

function union(choices: readonly string[]): string {
  const different = [...new Set(choices)]
  const shown = different.slice(0, mostChoices)
  return [...shown, ...(different.length > mostChoices ? ['…'] : [])].join(' | ')
}

function literal(value: JsonValue): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}
