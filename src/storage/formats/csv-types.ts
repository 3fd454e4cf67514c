import { isObject } from '../../core/json.ts'
import type { JsonObject } from '../../core/json.ts'

/** What the values of a CSV column are read as. */
export type CsvType = 'boolean' | 'number' | 'text' | 'json'

/** A number as JSON writes it, so that `007` and `+49` stay text; an exponent has its sign, so that `12e4` does. */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]\d+)?$/
const boolean = /^(?:true|false)$/i

/** The type that a column's JSON Schema asks for. */
export function csvTypeOf(schema: JsonObject): CsvType {
  const named = Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
  if (named.includes('string')) return 'text'
  if (named.includes('number') || named.includes('integer')) return 'number'
  if (named.includes('boolean')) return 'boolean'
  return named.includes('array') || named.includes('object') ? 'json' : 'text'
}

/** Narrows down what every value of a column can be read as; `undefined` before the first. */
export function narrowCsvType(
  type: CsvType | undefined,
  value: string | null,
): CsvType | undefined {
  if (value === null || type === 'text') return type
  if (type !== 'boolean' && isExactNumber(value)) return 'number'
  return type !== 'number' && boolean.test(value) ? 'boolean' : 'text'
}

/** A value as its column's type; as it stands where it is none. */
export function toCsvValue(type: CsvType, value: string | null): unknown {
  if (value === null || type === 'text') return value
  if (type === 'boolean') return boolean.test(value) ? value.toLowerCase() === 'true' : value
  if (type === 'number') return isExactNumber(value) ? Number(value) : value
  return parsed(value)
}

function isExactNumber(value: string): boolean {
  if (!number.test(value)) return false
  const read = Number(value)
  return Number.isFinite(read) && (!Number.isInteger(read) || Number.isSafeInteger(read))
}

function parsed(value: string): unknown {
  try {
    const json: unknown = JSON.parse(value)
    return Array.isArray(json) || isObject(json) ? json : value
  } catch {
    return value
  }
}
