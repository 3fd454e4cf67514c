import { expect, test } from 'vitest'
import { z } from 'zod'

import type { JsonObject } from '../../../src/core/json.ts'
import { toStrictSchema } from '../../../src/models/structured/to-strict-schema.ts'

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema) as JsonObject
const strict = (schema: z.ZodType) => toStrictSchema(schemaOf(schema))
const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})

test('every object is closed and has all of its members, of which optional ones may be null', () => {
  const schema = z.object({
    name: z.string().describe('Who'),
    nick: z.string().optional(),
    size: z.enum(['s', 'm']).optional(),
    kind: z.literal('x').optional(),
    note: z.string().nullish(),
    either: z.union([z.string(), z.array(z.number())]).optional(),
    inner: z.object({ deep: z.boolean().optional() }),
  })
  expect(strict(schema)).toEqual(
    closed({
      name: { type: 'string', description: 'Who' },
      nick: { type: ['string', 'null'] },
      size: { type: ['string', 'null'], enum: ['s', 'm', null] },
      kind: { type: ['string', 'null'], enum: ['x', null] },
      note: { type: ['string', 'null'] },
      either: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'number' } }, { type: 'null' }],
      },
      inner: closed({ deep: { type: ['boolean', 'null'] } }),
    }),
  )
})

test('what strict providers do not check is said in words', () => {
  const schema = z.object({
    name: z.string().min(2).max(5).describe('Who'),
    age: z.int().min(0).max(120).default(3),
    tags: z.array(z.string()).min(1),
  })
  const { properties } = (strict(schema) ?? {}) as { properties: Record<string, JsonObject> }
  expect(properties).toEqual({
    name: { type: 'string', description: 'Who (minLength 2, maxLength 5)' },
    age: { type: 'integer', description: '(minimum 0, maximum 120)' },
    tags: { type: 'array', items: { type: 'string' }, description: '(minItems 1)' },
  })
})

test('recursion stays, by definitions and by the root', () => {
  const tree = z.object({
    get kids() {
      return z.array(tree)
    },
  })
  expect(strict(tree)).toEqual(closed({ kids: { type: 'array', items: { $ref: '#' } } }))
  const definitions = {
    definitions: { node: { type: 'object', properties: { next: { $ref: '#/definitions/node' } } } },
  }
  expect(
    toStrictSchema({
      ...closed({ first: { $ref: '#/definitions/node', description: 'x' } }),
      ...definitions,
    }),
  ).toEqual(
    closed(
      { first: { $ref: '#/$defs/node' } },
      {
        $defs: { node: closed({ next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }) },
      },
    ),
  )
})

test('a definition that nothing refers to is left out, also where it has no strict form', () => {
  expect(toStrictSchema({ ...closed({ a: { type: 'string' } }), $defs: { open: {} } })).toEqual(
    closed({ a: { type: 'string' } }),
  )
})

test('a root that is no object is put into one', () => {
  expect(strict(z.array(z.number()))).toEqual(
    closed({ value: { type: 'array', items: { type: 'number' } } }),
  )
  expect(
    toStrictSchema({ anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#' } }] }),
  ).toEqual(
    closed(
      { value: { $ref: '#/$defs/root' } },
      {
        $defs: {
          root: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/$defs/root' } }] },
        },
      },
    ),
  )
})

test('choices of every kind become those that strict providers know', () => {
  const a = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
  const strictA = closed({ a: { type: 'string' } })
  const of = (schema: JsonObject) => toStrictSchema(closed({ x: schema }))?.['properties']
  expect(of({ oneOf: [a, { type: 'null' }] })).toEqual({
    x: { anyOf: [strictA, { type: 'null' }] },
  })
  expect(of({ allOf: [a], description: 'An a' })).toEqual({
    x: { ...strictA, description: 'An a' },
  })
  expect(of({ allOf: [a, { properties: { b: { type: 'number' } }, required: ['b'] }] })).toEqual({
    x: closed({ a: { type: 'string' }, b: { type: 'number' } }),
  })
  expect(
    of({
      ...a,
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['b'] }, { required: ['a'] }],
    }),
  ).toEqual({
    x: {
      anyOf: [
        closed({ a: { type: 'string' }, b: { type: 'string' } }),
        closed({ a: { type: 'string' }, b: { type: ['string', 'null'] } }),
      ],
    },
  })
  expect(of({ enum: ['a', 1, null] })).toEqual({
    x: { type: ['string', 'integer', 'null'], enum: ['a', 1, null] },
  })
  expect(
    of({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false }),
  ).toEqual({
    x: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
  })
})

test('parts behind references become one', () => {
  const schema: JsonObject = {
    ...closed({ x: { $ref: '#/$defs/base', properties: { b: { type: 'number' } } } }),
    $defs: { base: { type: 'object', properties: { a: { type: 'string' } } } },
  }
  expect(toStrictSchema(schema)?.['properties']).toEqual({
    x: closed({ a: { type: ['string', 'null'] }, b: { type: ['number', 'null'] } }),
  })
})

const deep = (levels: number): JsonObject =>
  levels === 1 ? { type: 'string' } : closed({ a: deep(levels - 1) })
const wide = (members: number) =>
  closed(
    Object.fromEntries(Array.from({ length: members }, (_, n) => [`m${n}`, { type: 'string' }])),
  )
const choices = (count: number, characters: number) =>
  closed({ a: { enum: Array.from({ length: count }, (_, n) => `${n}`.padStart(characters, 'x')) } })

test.each<[string, JsonObject, JsonObject]>([
  [
    'members that nobody names',
    { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    closed({}),
  ],
  [
    'members of a pattern',
    { type: 'object', properties: {}, patternProperties: { '^x': {} } },
    closed({}),
  ],
  ['objects of which nothing is known', { type: 'object' }, closed({})],
  ['values of any type', closed({ a: {} }), closed({ a: { type: 'string' } })],
  [
    'choices among any type',
    closed({ a: { anyOf: [true, { type: 'string' }] } }),
    closed({ a: { anyOf: [{ type: 'number' }] } }),
  ],
  [
    'items of any type',
    closed({ a: { type: 'array' } }),
    closed({ a: { type: 'array', items: { type: 'string' } } }),
  ],
  ['required members of which nothing is known', { ...closed({}), required: ['a'] }, closed({})],
  [
    'references elsewhere',
    closed({ a: { type: 'string' }, b: { $ref: '#/properties/a' } }),
    closed({ b: { $ref: '#' } }),
  ],
  [
    'parts that say different things',
    closed({ a: { allOf: [{ type: 'string' }, { type: 'number' }] } }),
    closed({ a: { allOf: [{ type: 'string' }, { type: 'string' }] } }),
  ],
  ['more than ten levels', deep(12), deep(11)],
  ['more than 5,000 members', wide(5_001), wide(5_000)],
  ['more than 1,000 choices', choices(1_001, 5), choices(1_000, 5)],
  ['long lists of long choices', choices(251, 60), choices(250, 60)],
  ['very many characters', choices(200, 601), choices(200, 599)],
])('there is no strict form with %s', (_, schema, near) => {
  expect(toStrictSchema(schema)).toBeUndefined()
  expect(toStrictSchema(near)).toBeDefined()
})
