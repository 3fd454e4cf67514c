import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

/** Keywords that Anthropic's decoder holds answers to; of others the model is told in words. */
const heldKeywords: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'title',
  'default',
  'required',
])
const silentKeywords: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'examples'])
const heldFormats: ReadonlySet<string> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])

/** Thrown where a schema has no form that holds. */
class NoForm extends Error {}

/**
 * A JSON Schema as Anthropic's structured outputs take it: every object closed, without ranges, lengths and patterns,
 * which become words in descriptions.
 *
 * `undefined` where it has none: recursion, references to elsewhere, objects with names of any kind, combinations
 * other than `anyOf` and `allOf`, and what is no object as a whole.
 */
export function toClaudeSchema(schema: JsonObject): JsonObject | undefined {
  if (schema['type'] !== 'object' || isRecursive(schema)) return undefined
  try {
    return toForm(schema)
  } catch (error) {
    if (error instanceof NoForm) return undefined
    throw error
  }
}

function toForm(schema: JsonValue | undefined): JsonObject {
  if (!isObject(schema)) throw new NoForm()
  const form: Record<string, JsonValue> = {}
  const words: string[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'description' || silentKeywords.has(keyword)) continue
    const held = heldForm(keyword, value)
    if (held === undefined) words.push(`${keyword}: ${JSON.stringify(value)}`)
    else Object.assign(form, held)
  }
  if (Object.keys(form).length === 0) throw new NoForm()
  if (isOpenObject(schema)) throw new NoForm()
  if (schema['type'] === 'object' || schema['properties'] !== undefined)
    form['additionalProperties'] = false
  const described = [
    schema['description'],
    ...(words.length === 0 ? [] : [`(${words.join(', ')})`]),
  ]
  const description = described.filter((text) => typeof text === 'string').join(' ')
  return description === '' ? form : { ...form, description }
}

/** Whether a schema is of an object whose names are not known beforehand: closed, it would always be empty. */
function isOpenObject({
  type,
  properties,
  additionalProperties,
}: Readonly<Record<string, unknown>>): boolean {
  if (isObject(additionalProperties)) return true
  return type === 'object' && properties === undefined && additionalProperties !== false
}

/** What becomes of a keyword; `undefined` where it can only be told. */
function heldForm(keyword: string, value: JsonValue): JsonObject | undefined {
  if (heldKeywords.has(keyword)) {
    if (keyword === 'enum' && Array.isArray(value) && value.some(isComplex)) throw new NoForm()
    if (keyword === 'const' && isComplex(value)) throw new NoForm()
    return { [keyword]: value }
  }
  if (keyword === 'properties' || keyword === '$defs' || keyword === 'definitions')
    return { [keyword]: mapOf(value) }
  if (keyword === 'items') return { items: toForm(value) }
  if (keyword === 'anyOf' || keyword === 'allOf') return { [keyword]: listOf(value) }
  if (keyword === 'oneOf') return { anyOf: listOf(value) }
  if (keyword === '$ref' && typeof value === 'string' && value.startsWith('#/'))
    return { $ref: value }
  if (keyword === 'format' && typeof value === 'string' && heldFormats.has(value))
    return { format: value }
  if (keyword === 'minItems' && (value === 0 || value === 1)) return { minItems: value }
  if (keyword === 'additionalProperties') return {}
  if (
    /^(?:patternProperties|not|if|then|else|prefixItems|contains|\$ref|\$dynamicRef)$/.test(keyword)
  )
    throw new NoForm()
  return undefined
}

function mapOf(value: JsonValue): JsonObject {
  if (!isObject(value)) throw new NoForm()
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toForm(member)]))
}

function listOf(value: JsonValue): readonly JsonObject[] {
  if (!Array.isArray(value)) throw new NoForm()
  return value.map(toForm)
}

function isComplex(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null
}

/** Whether a definition leads back to itself, or to the whole. */
function isRecursive(schema: JsonObject): boolean {
  const references = new Map<string, readonly string[]>()
  for (const place of ['$defs', 'definitions']) {
    const definitions = schema[place]
    if (!isObject(definitions)) continue
    for (const [name, definition] of Object.entries(definitions))
      references.set(`#/${place}/${name}`, referencesIn(definition))
  }
  const leadsBack = (reference: string, above: readonly string[]): boolean =>
    above.includes(reference) ||
    (references.get(reference) ?? []).some((next) => leadsBack(next, [...above, reference]))
  const all = referencesIn(schema)
  return all.some((reference) => !references.has(reference) || leadsBack(reference, []))
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([keyword, member]) =>
    keyword === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}
