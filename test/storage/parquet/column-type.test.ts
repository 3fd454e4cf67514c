import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { columnTypeOf, describeType, sqlType } from '../../../src/storage/parquet/column-type.ts'

function typeOf(schema: unknown): string {
  return describeType(columnTypeOf(schema))
}

function zodType(schema: z.ZodType): string {
  return typeOf(z.toJSONSchema(schema))
}

describe('columnTypeOf', () => {
  test('scalars have the SQL type of their JSON type, nullable or not', () => {
    expect(typeOf({ type: 'string' })).toBe('VARCHAR')
    expect(typeOf({ type: ['integer', 'null'] })).toBe('BIGINT')
    expect(typeOf({ anyOf: [{ type: 'number' }, { type: 'null' }] })).toBe('DOUBLE')
    expect(typeOf({ oneOf: [{ type: 'boolean' }, { const: null }] })).toBe('BOOLEAN')
  })

  test('what zod writes for nullable, optional, enum and union is understood', () => {
    expect(zodType(z.string().nullable().optional())).toBe('VARCHAR')
    expect(zodType(z.int().nullish())).toBe('BIGINT')
    expect(zodType(z.enum(['a', 'b']).nullable())).toBe('VARCHAR')
    expect(zodType(z.union([z.literal('a'), z.literal('b')]))).toBe('VARCHAR')
    expect(zodType(z.union([z.int(), z.number()]))).toBe('DOUBLE')
    expect(zodType(z.union([z.string(), z.number()]))).toBe('JSON')
  })

  test('objects with known keys are structs in the order of the schema, also inside of arrays', () => {
    const message = z.object({ role: z.string(), content: z.string().nullable() })
    expect(zodType(z.array(message))).toBe('STRUCT("role" VARCHAR, "content" VARCHAR)[]')
    expect(zodType(z.object({ b: z.array(z.array(z.int())), a: message.nullable() }))).toBe(
      'STRUCT("b" BIGINT[][], "a" STRUCT("role" VARCHAR, "content" VARCHAR))',
    )
  })

  test('objects whose keys only the data know are JSON', () => {
    expect(zodType(z.record(z.string(), z.int()))).toBe('JSON')
    expect(zodType(z.looseObject({ a: z.int() }))).toBe('JSON')
    expect(zodType(z.object({}))).toBe('JSON')
    expect(zodType(z.object({ a: z.int(), A: z.int() }))).toBe('JSON')
    expect(zodType(z.object({ a: z.unknown(), b: z.int() }))).toBe('STRUCT("a" JSON, "b" BIGINT)')
  })

  test('whatever has no single type is JSON', () => {
    for (const schema of [
      {},
      true,
      undefined,
      { type: 'null' },
      { type: 'array' },
      { type: 'array', items: {} },
      { type: 'array', prefixItems: [{ type: 'string' }] },
      { type: ['string', 'integer'] },
      { $ref: '#/$defs/a' },
      { allOf: [{ type: 'string' }] },
      { enum: ['a', 1] },
    ])
      expect(typeOf(schema)).toBe('JSON')
  })

  test('a type without a keyword for it follows from the values', () => {
    expect(typeOf({ enum: ['a', null] })).toBe('VARCHAR')
    expect(typeOf({ const: true })).toBe('BOOLEAN')
    expect(typeOf({ properties: { a: { const: 1 } } })).toBe('STRUCT("a" DOUBLE)')
  })

  test('JSON is stored as text', () => {
    expect(sqlType(columnTypeOf({ type: 'object', properties: { 'a"b': {} } }))).toBe(
      'STRUCT("a""b" VARCHAR)',
    )
  })
})
