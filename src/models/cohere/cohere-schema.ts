import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

const kept: ReadonlySet<string> = new Set([
  'type',
  'title',
  'description',
  'enum',
  'const',
  'required',
])
const formats: ReadonlySet<string> = new Set(['date-time', 'uuid', 'date', 'time'])
/** What changes which values hold; all else is told in words. */
const beyond =
  /^(?:anyOf|oneOf|allOf|not|if|then|else|\$ref|\$dynamicRef|\$defs|definitions|patternProperties|prefixItems)$/

/**
 * A JSON Schema as Cohere takes it: without combinations and references, ranges and lengths, and with at least one
 * property that every object has to have; `undefined` where it has no such form.
 */
export function toCohereSchema(schema: JsonObject): JsonObject | undefined {
  return schema['type'] === 'object' ? toForm(schema) : undefined
}

function toForm(schema: unknown): JsonObject | undefined {
  if (!isObject(schema) || typeof schema['type'] !== 'string') return undefined
  const { type, properties, required, additionalProperties, items } = schema
  if (type === 'object' && (!isObject(properties) || !isFilled(required))) return undefined
  if (isObject(additionalProperties)) return undefined
  const form: Record<string, JsonValue> = {}
  for (const [keyword, value] of Object.entries(schema as JsonObject)) {
    if (beyond.test(keyword)) return undefined
    if (kept.has(keyword) || isKeptPattern(keyword, value)) form[keyword] = value
  }
  if (isObject(properties)) {
    const forms = Object.entries(properties).map(
      ([name, member]) => [name, toForm(member)] as const,
    )
    if (forms.some(([, member]) => member === undefined)) return undefined
    form['properties'] = Object.fromEntries(forms) as JsonObject
  }
  if (items === undefined) return form
  const item = toForm(items)
  return item === undefined ? undefined : { ...form, items: item }
}

function isFilled(required: unknown): boolean {
  return Array.isArray(required) && required.length > 0
}

/** Cohere reads patterns without anchors and looks around. */
function isKeptPattern(keyword: string, value: JsonValue): boolean {
  if (typeof value !== 'string') return false
  if (keyword === 'format') return formats.has(value)
  return keyword === 'pattern' && !/[\^$]|\(\?/.test(value)
}
