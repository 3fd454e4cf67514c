import type { GbnfJsonOneOfSchema } from 'node-llama-cpp'

import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

/** Longer repetitions make a grammar that takes minutes to follow. */
const longestRepetition = 500

/** A grammar cannot say what this schema asks for. */
class CannotSay extends Error {}

/**
 * The schema that a grammar is made from: all of a JSON Schema that decides the shape of a value.
 *
 * A grammar writes every property, so one that may be left out may be `null`, which the reader of the answer drops.
 * What a grammar cannot say of a value within its shape (a range, a pattern) is left to that reader, too.
 *
 * @returns `undefined` where the shape itself cannot be said
 */
export function toGrammarSchema(schema: JsonObject): GbnfJsonOneOfSchema | undefined {
  try {
    const definitions = { ...objectOf(schema['definitions']), ...objectOf(schema['$defs']) }
    const $defs = Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [name, converted(definition)]),
    )
    // The library's type follows each literal schema; this one is made at run time, out of the members that it knows.
    return { oneOf: [converted(schema)], $defs } as unknown as GbnfJsonOneOfSchema
  } catch (error) {
    if (error instanceof CannotSay) return undefined
    throw error
  }
}

function converted(schema: JsonValue): JsonObject {
  if (schema === true) return anything
  if (!isObject(schema)) throw new CannotSay()
  const { $ref, const: constant, enum: values, type } = schema
  if ($ref !== undefined) return reference($ref)
  if (constant !== undefined) return { const: primitive(constant) }
  if (values !== undefined) return { enum: listOf(values).map(primitive) }
  const choices = schema['oneOf'] ?? schema['anyOf']
  if (choices !== undefined) return { oneOf: listOf(choices).map(converted) }
  const parts = schema['allOf']
  if (parts !== undefined) {
    const [only, ...others] = listOf(parts)
    if (only === undefined || others.length > 0) throw new CannotSay()
    return converted(only)
  }
  if (Array.isArray(type))
    return { oneOf: listOf(type).map((one) => converted({ ...schema, type: one })) }
  return ofType(type ?? impliedType(schema), schema)
}

function ofType(type: JsonValue | undefined, schema: JsonObject): JsonObject {
  switch (type) {
    case undefined:
      return anything
    case 'object':
      return objectSchema(schema)
    case 'array':
      return arraySchema(schema)
    case 'string':
      return stringSchema(schema)
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return { type }
    default:
      throw new CannotSay()
  }
}

const anything: JsonObject = {
  oneOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    { type: 'object', additionalProperties: true },
    { type: 'array' },
  ],
}

function impliedType(schema: JsonObject): JsonValue | undefined {
  if (schema['properties'] !== undefined) return 'object'
  return schema['items'] === undefined && schema['prefixItems'] === undefined ? undefined : 'array'
}

function objectSchema(schema: JsonObject): JsonObject {
  const given = Object.entries(objectOf(schema['properties']))
  const required = listOf(schema['required'] ?? [])
  const properties = Object.fromEntries(
    given.map(([name, property]): [string, JsonObject] => {
      const value = converted(property)
      return [name, required.includes(name) ? value : { oneOf: [value, { type: 'null' }] }]
    }),
  )
  if (required.some((name) => typeof name === 'string' && !(name in properties)))
    throw new CannotSay()
  const further = schema['additionalProperties'] ?? given.length === 0
  return {
    type: 'object',
    ...(given.length === 0 ? {} : { properties }),
    additionalProperties: typeof further === 'boolean' ? further : converted(further),
    ...bounds(schema, ['minProperties', 'maxProperties']),
  }
}

function arraySchema(schema: JsonObject): JsonObject {
  const { items, prefixItems } = schema
  return {
    type: 'array',
    ...(items === undefined || items === true ? {} : { items: converted(items) }),
    ...(prefixItems === undefined ? {} : { prefixItems: listOf(prefixItems).map(converted) }),
    ...bounds(schema, ['minItems', 'maxItems']),
  }
}

function stringSchema(schema: JsonObject): JsonObject {
  const { format } = schema
  const isTime = format === 'date-time' || format === 'time' || format === 'date'
  return { type: 'string', ...(isTime ? { format } : bounds(schema, ['minLength', 'maxLength'])) }
}

function bounds(schema: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name): [string, number][] => {
      const value = schema[name]
      return typeof value === 'number' && value <= longestRepetition ? [[name, value]] : []
    }),
  )
}

function reference(target: JsonValue): JsonObject {
  if (typeof target !== 'string') throw new CannotSay()
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(target)?.[1]
  if (name === undefined) throw new CannotSay()
  return { $ref: `#/$defs/${name}` }
}

function primitive(value: JsonValue): JsonValue {
  if (typeof value === 'object' && value !== null) throw new CannotSay()
  return value
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function listOf(value: JsonValue): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new CannotSay()
  // `Array.isArray` forgets what the list holds.
  return value as readonly JsonValue[]
}
