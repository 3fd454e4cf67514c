import { expect, test } from 'vitest'
import { z } from 'zod'

import type { JsonObject } from '../../../src/core/json.ts'
import { toGeminiSchema } from '../../../src/models/google/gemini-schema.ts'

test('a schema that Google reads stays as it is, but for its dialect', () => {
  const schema = {
    type: 'object',
    properties: { const: { type: 'string' }, list: { type: 'array', items: { enum: ['a', 'b'] } } },
    required: ['const'],
    additionalProperties: false,
  }
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  expect(toGeminiSchema({ $schema, ...schema })).toEqual(schema)
})

test.for([
  ['a', { type: 'string', enum: ['a'] }],
  [3, { type: 'integer', enum: [3] }],
  [0.5, { type: 'number', enum: [0.5] }],
  [true, { type: 'boolean' }],
  [null, { type: 'null' }],
  [{ a: 1 }, {}],
] as const)('the only value %j becomes %j', ([value, expected]) => {
  expect(toGeminiSchema({ anyOf: [{ const: value }] })).toEqual({ anyOf: [expected] })
})

test('what Google passes over is said in words', () => {
  const schema = { type: 'string', description: 'A code.', pattern: '^[A-Z]+$', minLength: 2 }
  expect(toGeminiSchema(schema)).toMatchObject({
    type: 'string',
    description: expect.stringMatching(/^A code\. .*\^\[A-Z\]\+\$/),
  })
})

test('nothing stands beside a reference', () => {
  const node = z.object({
    kind: z.literal('node'),
    get next() {
      return z.union([node, z.null()]).describe('What comes then.')
    },
  })
  // What zod makes of a schema is JSON.
  const schema = toGeminiSchema(z.toJSONSchema(node) as JsonObject)
  const text = JSON.stringify(schema)
  expect(text).toContain('"enum":["node"]')
  expect(text).not.toContain('"$schema"')
  expect(
    toGeminiSchema({ $ref: '#/$defs/a', description: 'x', $defs: { a: { const: 1 } } }),
  ).toEqual({ $ref: '#/$defs/a', $defs: { a: { type: 'integer', enum: [1] } } })
})
