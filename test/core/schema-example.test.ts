import { expect, test } from 'vitest'

import type { JsonObject } from '../../src/core/json.ts'
import { exampleOf } from '../../src/core/schema-example.ts'
import { readStructured } from '../../src/models/structured/read-structured.ts'

const tree: JsonObject = {
  $defs: {
    node: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      },
      required: ['name', 'next'],
    },
  },
  $ref: '#/$defs/node',
}

test.each<JsonObject>([
  {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  },
  { type: 'object', properties: { rating: { type: 'integer', minimum: 3, maximum: 5 } } },
  { type: 'object', properties: { share: { type: 'number', exclusiveMinimum: 0, maximum: 1 } } },
  { type: 'array', items: { enum: ['x', 'y'] }, minItems: 3 },
  { type: ['string', 'null'], minLength: 12 },
  { anyOf: [{ type: 'null' }, { type: 'boolean' }] },
  { allOf: [{ type: 'object', properties: { a: { const: 1 } } }, { required: ['a'] }] },
  { type: 'string', format: 'date-time' },
  {},
  tree,
])('an example of %j holds it', (schema) => {
  const text = JSON.stringify(exampleOf(schema, schema))
  expect(readStructured({ format: 'json', schema }, text, false)).toBe(text)
})
