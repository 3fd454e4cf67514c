import { expect, test } from 'vitest'

import type { JsonObject } from '../../../src/core/json.ts'
import { toClaudeSchema } from '../../../src/models/anthropic/claude-schema.ts'

function object(properties: JsonObject, members: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...members }
}

test('every object is closed, and what cannot be held to is told in descriptions', () => {
  const schema = object(
    {
      tags: { type: 'array', items: { type: 'string', pattern: '^a' }, minItems: 1, maxItems: 3 },
      score: { type: 'integer', minimum: 1, maximum: 5, description: 'How good.' },
      when: { type: 'string', format: 'date-time' },
      path: { type: 'string', format: 'uri-reference' },
      kind: { oneOf: [{ const: 'a' }, { enum: ['b', 1, null] }] },
      inner: { $ref: '#/$defs/inner' },
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['tags'],
      additionalProperties: true,
      $defs: { inner: object({ ok: { type: ['boolean', 'null'] } }) },
    },
  )
  expect(toClaudeSchema(schema)).toEqual({
    type: 'object',
    properties: {
      tags: {
        type: 'array',
        items: { type: 'string', description: '(pattern: "^a")' },
        minItems: 1,
        description: '(maxItems: 3)',
      },
      score: { type: 'integer', description: 'How good. (minimum: 1, maximum: 5)' },
      when: { type: 'string', format: 'date-time' },
      path: { type: 'string', description: '(format: "uri-reference")' },
      kind: { anyOf: [{ const: 'a' }, { enum: ['b', 1, null] }] },
      inner: { $ref: '#/$defs/inner' },
    },
    required: ['tags'],
    additionalProperties: false,
    $defs: {
      inner: {
        type: 'object',
        properties: { ok: { type: ['boolean', 'null'] } },
        additionalProperties: false,
      },
    },
  })
})

const tree = object({ children: { type: 'array', items: { $ref: '#/$defs/tree' } } })

test.for<readonly [string, JsonObject]>([
  ['an array as a whole', { type: 'array', items: { type: 'string' } }],
  ['recursion', object({ tree: { $ref: '#/$defs/tree' } }, { $defs: { tree } })],
  ['recursion to the whole', object({ self: { $ref: '#' } })],
  ['a reference to elsewhere', object({ a: { $ref: 'https://example.com/a.json' } })],
  ['a reference to nothing', object({ a: { $ref: '#/$defs/a' } })],
  [
    'names of any kind',
    object({ a: { type: 'object', additionalProperties: { type: 'number' } } }),
  ],
  ['an object without names', object({ a: { type: 'object' } })],
  ['names by a pattern', object({ a: object({}, { patternProperties: { a: { type: 'null' } } }) })],
  ['anything at all', object({ a: {} })],
  ['a schema that is true', object({ a: true })],
  ['values with members', object({ a: { enum: [{ b: 1 }] }, c: { const: [1] } })],
  ['a negation', object({ a: { not: { type: 'string' } } })],
  ['properties that are none', { type: 'object', properties: 3 }],
])('%s has no form that answers can be held to', ([, schema]) => {
  expect(toClaudeSchema(schema)).toBeUndefined()
})
