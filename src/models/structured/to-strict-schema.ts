import type { JsonObject, JsonValue } from '../../core/json.ts'
import { pointerParts, valueAtPointer } from './json-pointer.ts'
import { mergeSchemas } from './merge-schemas.ts'
import { withObjectRoot } from './object-root.ts'
import { isWithinStrictLimits } from './strict-limits.ts'
import { isJsonObject, schemaList, schemasByName } from './subschemas.ts'
import { withConstraintsInWords } from './with-constraints-in-words.ts'

/**
 * The form of a schema that strict providers take: every object is closed and has all of its members.
 *
 * What may be left out may be `null` instead, and what strict providers do not check is said in descriptions; the reader
 * of the answer undoes the one and checks the other. A root that is no object is put into one, as for a tool.
 *
 * @returns `undefined` where there is none: for objects with members that nobody names, for values of any type, past the
 * limits of OpenAI
 */
export function toStrictSchema(schema: JsonObject): JsonObject | undefined {
  const root = withObjectRoot(schema)
  const references = new Map<string, string>()
  const context: StrictContext = {
    root,
    define(name, reference) {
      const isFree = !references.has(name)
      if (isFree) references.set(name, reference)
      return isFree || references.get(name) === reference
    },
    merging: [],
  }
  const strictRoot = strict(root, context)
  if (strictRoot === undefined) return undefined
  const definitions: [string, JsonObject][] = []
  // Grows while it is gone through: definitions refer to others.
  for (const [name, reference] of references) {
    const definition = strict(valueAtPointer(root, reference) as JsonValue, context)
    if (definition === undefined) return undefined
    definitions.push([name, definition])
  }
  const whole =
    definitions.length === 0
      ? strictRoot
      : { ...strictRoot, $defs: Object.fromEntries(definitions) }
  return isWithinStrictLimits(whole) ? whole : undefined
}

interface StrictContext {
  readonly root: JsonObject
  /** Has a definition of the root come along; false where another one has its name. */
  define(name: string, reference: string): boolean
  /** References whose schemas are being merged into another. */
  readonly merging: readonly string[]
}

function strict(schema: JsonValue | undefined, context: StrictContext): JsonObject | undefined {
  if (!isJsonObject(schema)) return undefined
  const { $ref, allOf, ...own } = schema
  const parts = schemaList(allOf)
  if (typeof $ref === 'string' && parts === undefined && !says(own))
    return strictReference($ref, context)
  if (typeof $ref === 'string' || parts !== undefined)
    return strictMerged(own, $ref, parts ?? [], context)
  const { anyOf, oneOf, ...rest } = own
  const choices = schemaList(anyOf) ?? schemaList(oneOf)
  return choices === undefined ? strictValue(own, context) : strictChoice(rest, choices, context)
}

const annotations = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  '$comment',
  'readOnly',
  'writeOnly',
  '$schema',
  '$id',
  '$defs',
  'definitions',
  'discriminator',
])

/** Whether a schema says something about a value, beside what it is for. */
function says(schema: JsonObject): boolean {
  return Object.keys(schema).some((key) => !annotations.has(key))
}

function strictReference($ref: string, { root, define }: StrictContext): JsonObject | undefined {
  if ($ref === '#') return { $ref }
  const [, part] = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec($ref) ?? []
  const [, name] = pointerParts($ref)
  if (part === undefined || name === undefined || valueAtPointer(root, $ref) === undefined)
    return undefined
  return define(name, $ref) ? { $ref: `#/$defs/${part}` } : undefined
}

/** A schema beside a reference, or of several parts, as one. */
function strictMerged(
  own: JsonObject,
  $ref: JsonValue | undefined,
  parts: readonly JsonValue[],
  context: StrictContext,
): JsonObject | undefined {
  const all = [...(typeof $ref === 'string' ? [{ $ref }] : []), ...parts].filter(isJsonObject)
  const [only] = all
  if (all.length === 1 && only !== undefined && !says(own)) {
    const alone = strict(only, context)
    const isReference = alone !== undefined && '$ref' in alone
    return alone === undefined || isReference ? alone : { ...alone, ...described(own) }
  }
  const references = all.flatMap((part) => (typeof part['$ref'] === 'string' ? [part['$ref']] : []))
  // A part that holds the whole has no end.
  if (references.some((reference) => context.merging.includes(reference))) return undefined
  const resolved = all.map((part) => resolvedPart(part, context.root))
  const merged = mergeSchemas([...resolved.filter((part) => part !== undefined), own])
  if (merged === undefined || resolved.includes(undefined)) return undefined
  return strict(merged, { ...context, merging: [...context.merging, ...references] })
}

function resolvedPart(part: JsonObject, root: JsonObject): JsonObject | undefined {
  const { $ref, ...own } = part
  if (typeof $ref !== 'string') return part
  const target = valueAtPointer(root, $ref) as JsonValue | undefined
  return isJsonObject(target) ? mergeSchemas([target, own]) : undefined
}

function described({ description }: JsonObject): JsonObject {
  return description === undefined ? {} : { description }
}

function strictChoice(
  own: JsonObject,
  choices: readonly JsonValue[],
  context: StrictContext,
): JsonObject | undefined {
  const { description, ...shared } = own
  const strictChoices = new Map<string, JsonObject>()
  for (const choice of choices) {
    if (!isJsonObject(choice)) return undefined
    // What all choices share is said of each of them.
    const whole = says(shared) ? { allOf: [shared, choice] } : choice
    const one = strict(whole, context)
    if (one === undefined) return undefined
    strictChoices.set(JSON.stringify(one), one)
  }
  return {
    ...(description === undefined ? {} : { description }),
    anyOf: [...strictChoices.values()],
  }
}

function strictValue(schema: JsonObject, context: StrictContext): JsonObject | undefined {
  const types = typesOf(schema)
  if (types === undefined) return undefined
  const members = types.includes('object') ? strictMembers(schema, context) : {}
  const items = types.includes('array') ? strictItems(schema, context) : {}
  if (members === undefined || items === undefined) return undefined
  const [onlyType] = types
  return {
    type: types.length === 1 && onlyType !== undefined ? onlyType : types,
    ...withConstraintsInWords(schema),
    ...members,
    ...items,
    ...choicesOf(schema),
  }
}

/** Lists of values; a single one is a list, too. */
function choicesOf(schema: JsonObject): JsonObject {
  const values = schema['const'] === undefined ? schema['enum'] : [schema['const']]
  return values === undefined ? {} : { enum: values }
}

/** The types of a schema's values, worked out where it leaves them out; `undefined` where they may be of any type. */
function typesOf(schema: JsonObject): readonly string[] | undefined {
  const { type, properties, items, prefixItems } = schema
  if (typeof type === 'string') return [type]
  const listed = schemaList(type)
  if (listed !== undefined) return listed.map(String)
  const values = schema['const'] === undefined ? schemaList(schema['enum']) : [schema['const']]
  if (values !== undefined) {
    const types = [...new Set(values.map(typeOfValue))]
    return types.includes(undefined) ? undefined : types.filter((one) => one !== undefined)
  }
  if (properties !== undefined) return ['object']
  return items !== undefined || prefixItems !== undefined ? ['array'] : undefined
}

function typeOfValue(value: JsonValue): string | undefined {
  if (value === null) return 'null'
  if (typeof value === 'object') return undefined
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

function strictMembers(schema: JsonObject, context: StrictContext): JsonObject | undefined {
  const { properties, additionalProperties, unevaluatedProperties, patternProperties } = schema
  const isOpen =
    patternProperties !== undefined ||
    [additionalProperties, unevaluatedProperties].some(
      (rest) => rest !== undefined && rest !== false,
    )
  if (isOpen || (properties === undefined && additionalProperties !== false)) return undefined
  const required = schemaList(schema['required']) ?? []
  const members: [string, JsonObject][] = []
  for (const [name, member] of schemasByName(properties)) {
    const one = strict(member, context)
    if (one === undefined) return undefined
    members.push([name, required.includes(name) ? one : nullable(one)])
  }
  const names = members.map(([name]) => name)
  if (required.some((name) => typeof name === 'string' && !names.includes(name))) return undefined
  return {
    properties: Object.fromEntries(members),
    required: names,
    additionalProperties: false,
  }
}

/** A tuple becomes an array of what its places take. */
function strictItems(schema: JsonObject, context: StrictContext): JsonObject | undefined {
  const tuple = schemaList(schema['prefixItems']) ?? schemaList(schema['items'])
  const rest =
    tuple === undefined || schemaList(schema['items']) === undefined
      ? schema['items']
      : schema['additionalItems']
  const choices = [...(tuple ?? []), ...(isJsonObject(rest) ? [rest] : [])]
  const [only] = choices
  const items = strict(choices.length === 1 ? only : { anyOf: choices }, context)
  return items === undefined || choices.length === 0 ? undefined : { items }
}

function nullable(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema
  const choices = schemaList(anyOf)
  if (choices !== undefined)
    return choices.some(isNull) ? schema : { ...schema, anyOf: [...choices, { type: 'null' }] }
  const types = typeof type === 'string' ? [type] : schemaList(type)
  if (types === undefined) return { anyOf: [schema, { type: 'null' }] }
  if (types.includes('null')) return schema
  const listed = schemaList(values)
  return {
    ...schema,
    type: [...types, 'null'],
    ...(listed === undefined ? {} : { enum: [...listed, null] }),
  }
}

function isNull(schema: JsonValue): boolean {
  if (!isJsonObject(schema)) return false
  const { type } = schema
  return type === 'null' || (schemaList(type)?.includes('null') ?? false)
}
