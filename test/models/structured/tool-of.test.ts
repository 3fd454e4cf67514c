import { expect, test } from 'vitest'

import type { JsonObject } from '../../../src/core/json.ts'
import { toolOf } from '../../../src/models/structured/tool-of.ts'

test('an object is what the tool is called with', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  expect(toolOf({ format: 'json', schema: { $schema, ...schema } })).toEqual({
    name: 'answer',
    description: expect.any(String) as string,
    parameters: schema,
  })
})

test('another value is a member of it, with a name of its own', () => {
  const wrapped = (name: string, value: object) => ({
    type: 'object',
    properties: { [name]: value },
    required: [name],
    additionalProperties: false,
  })
  const schemas: readonly JsonObject[] = [
    { type: 'array', items: { type: 'string' } },
    { type: ['object', 'null'] },
    {},
  ]
  for (const schema of schemas)
    expect(toolOf({ format: 'json', schema }).parameters).toEqual(wrapped('value', schema))
  const own = { type: 'array', items: { type: 'object', properties: { value: {} } } }
  expect(toolOf({ format: 'json', schema: own }).parameters).toEqual(wrapped('value_', own))
  expect(toolOf({ format: 'regex', pattern: 'a|b' }).parameters).toEqual(
    wrapped('value', { type: 'string', pattern: '^(?:a|b)$' }),
  )
})

test('definitions stay at the root, and references lead to where things went', () => {
  const schema: JsonObject = {
    anyOf: [
      { $ref: '#/$defs/leaf' },
      { type: 'array', items: { $ref: '#' } },
      { $ref: '#/anyOf/1' },
    ],
    $defs: { leaf: { const: { $ref: '#' } }, root: { $ref: '#/definitions/x' } },
    definitions: { x: { properties: { $ref: { $ref: '#/anyOf/0' } } } },
  }
  expect(toolOf({ format: 'json', schema }).parameters).toEqual({
    type: 'object',
    properties: { value: { $ref: '#/$defs/root_' } },
    required: ['value'],
    additionalProperties: false,
    definitions: { x: { properties: { $ref: { $ref: '#/$defs/root_/anyOf/0' } } } },
    $defs: {
      leaf: { const: { $ref: '#' } },
      root: { $ref: '#/definitions/x' },
      root_: {
        anyOf: [
          { $ref: '#/$defs/leaf' },
          { type: 'array', items: { $ref: '#/$defs/root_' } },
          { $ref: '#/$defs/root_/anyOf/1' },
        ],
      },
    },
  })
})
