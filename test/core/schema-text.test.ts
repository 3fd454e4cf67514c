import { expect, test } from 'vitest'
import { z } from 'zod'

import type { JsonObject } from '../../src/core/json.ts'
import { schemaText } from '../../src/core/schema-text.ts'

test.each([
  [z.string(), 'string'],
  [z.int().min(1), 'integer'],
  [z.array(z.string()), 'string[]'],
  [z.array(z.union([z.string(), z.number()])), '(string | number)[]'],
  [z.string().nullish(), 'string | null'],
  [z.enum(['keep', 'reject']), "'keep' | 'reject'"],
  [z.literal(3), '3'],
  [z.record(z.string(), z.unknown()), 'object'],
  [z.object({ a: z.string() }), 'object'],
  [z.unknown(), 'any'],
])('%# a schema is told as people write types', (schema, text) => {
  // What zod makes is JSON.
  expect(schemaText(z.toJSONSchema(schema) as JsonObject)).toBe(text)
})

test('lists of types are unions, and of many choices some are told', () => {
  expect(schemaText({ type: ['integer', 'null'] })).toBe('integer | null')
  expect(schemaText({ type: ['array', 'null'], items: { type: 'string' } })).toBe('string[] | null')
  const choices = Array.from({ length: 20 }, (_, index) => index)
  expect(schemaText({ enum: choices })).toBe('0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | …')
})
