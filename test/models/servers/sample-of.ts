import { isObject } from '../../../src/core/json.ts'

/** The smallest value that holds a JSON Schema, as far as schemas of tests go. */
export function sampleOf(schema: unknown): unknown {
  if (!isObject(schema)) return {}
  const { type, enum: values, const: value, anyOf, properties, required, items, minItems } = schema
  if (value !== undefined) return value
  if (Array.isArray(values)) return values[0]
  if (Array.isArray(anyOf)) return sampleOf(anyOf[0])
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return 'a text'
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return Array.from({ length: Math.max(1, Number(minItems ?? 1)) }, () => sampleOf(items))
    default: {
      const members = isObject(properties) ? properties : {}
      const wanted = Array.isArray(required) ? required : Object.keys(members)
      return Object.fromEntries(wanted.map((name) => [name, sampleOf(members[name])]))
    }
  }
}
