import { expect, test } from 'vitest'
import { z } from 'zod'

import type { JsonObject } from '../../../src/core/json.ts'
import { loadStructured } from '../../../src/models/structured/load-structured.ts'

const reader = await loadStructured()
const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema) as JsonObject
const person = schemaOf(z.object({ name: z.string().min(2), age: z.int().optional() }))
const read = (schema: JsonObject, text: string, isCutOff = false) =>
  reader.read({ format: 'json', schema }, text, isCutOff)
const match = (pattern: string, text: string, isCutOff = false) =>
  reader.read({ format: 'regex', pattern }, text, isCutOff)

const ann = '{"name":"Ann","age":7}'

test.each([
  ['alone', ann],
  ['with spaces', ' { "name" : "Ann",\n  "age" : 7 }\n'],
  ['in a fence', `\`\`\`json\n${ann}\n\`\`\``],
  ['in a fence without a language, with prose around it', `Sure!\n\`\`\`\n${ann}\n\`\`\`\nBye {}.`],
  ['in a fence that never ends', `\`\`\`json\n${ann}`],
  ['in a fence on one line', `\`\`\`json ${ann} \`\`\``],
  ['in prose', `Here {you} [go]: ${ann} {`],
  ['after an example in prose', `Not {"name":5} but:\n\`\`\`json\n${ann}\n\`\`\``],
  ['after thoughts', `<think>{"name":"Bob"}</think>\n${ann}`],
  ['as the arguments of a tool', `{"value":${ann}}`.slice(9, -1)],
  ['with a trailing comma', '{"name":"Ann","age":7,}'],
  ['with single quotes', "{'name':'Ann','age':7}"],
  ['with names that have no quotes', '{name: "Ann", age: 7}'],
  ['with a comment', '{"name": "Ann", // a name\n "age": 7}'],
  ['without its last brace', '{"name":"Ann","age":7'],
  ['with a line break within a text', '{"name":"Ann","age":7}'],
  ['with a byte order mark', `\uFEFF${ann}`],
])('an answer is found %s', (_, text) => {
  expect(read(person, text)).toBe(ann)
})

test('members keep the order in which they came', () => {
  expect(read(person, '{"age":7,"name":"Ann"}')).toBe('{"age":7,"name":"Ann"}')
})

test('what does not hold is told with its path', () => {
  expect(() => read(person, '{"name":"A","age":1.5,"size":3}')).toThrow(
    'The JSON of the answer does not hold its schema: the whole value must not have a property "size"; /name must NOT have fewer than 2 characters; /age must be integer.',
  )
  expect(() => read(person, '{"age":5}')).toThrow(
    "the whole value must have required property 'name'",
  )
})

test('of many faults five are told', () => {
  const numbers = { type: 'array', items: { type: 'number' } }
  expect(() => read(numbers, JSON.stringify(Array(8).fill('x')))).toThrow('; and 3 more.')
})

test('what holds no JSON is told so', () => {
  expect(() => read(person, 'I cannot.')).toThrow('The answer holds no JSON.')
})

test('JSON that cannot be repaired is told where it breaks', () => {
  expect(() => read(person, '{"a" "b" "c" ]')).toThrow('The JSON of the answer does not parse: ')
})

test('an answer that was cut off is not repaired, and no part of it is taken for the whole', () => {
  const lax = { type: 'object', properties: { a: {} } }
  expect(() => read(lax, '{"b":{"a":1},"c":"te', true)).toThrow(
    'The answer was cut off before its JSON ended.',
  )
  expect(() => read({ type: 'number' }, '12', true)).toThrow('The answer was cut off')
  expect(read(person, `${ann} I hope th`, true)).toBe(ann)
})

test('values that are no object are read with and without the object that a tool needs', () => {
  const numbers = { type: 'array', items: { type: 'number' } }
  for (const text of ['[1,2]', '{"value":[1,2]}', 'So: [1, 2]'])
    expect(read(numbers, text)).toBe('[1,2]')
  expect(read({ type: 'number' }, '```\n4\n```')).toBe('4')
})

test('a text needs no quotes where the schema asks for one', () => {
  const label = { enum: ['good', 'bad'] }
  for (const text of ['good', '"good"', '{"value":"good"}'])
    expect(read(label, text)).toBe('"good"')
  expect(() => read(label, 'fine')).toThrow('the whole value must be one of "good", "bad"')
  expect(() => read({ type: 'string' }, '5')).toThrow('must be string')
})

test('a member that may be left out may be null', () => {
  expect(read(person, '{"name":"Ann","age":null}')).toBe('{"name":"Ann"}')
  expect(() => read(person, '{"name":null,"age":1}')).toThrow('/name must be string')
})

test('null stays where the schema allows it', () => {
  const schema = schemaOf(z.object({ a: z.number().nullish(), b: z.number().optional() }))
  expect(read(schema, '{"a":null,"b":null}')).toBe('{"a":null}')
})

test('null is taken out of the choice that the answer is', () => {
  const schema = schemaOf(
    z.array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), x: z.string().optional() }),
        z.object({ type: z.literal('b'), x: z.number().nullable(), y: z.string().optional() }),
      ]),
    ),
  )
  expect(read(schema, '{"value":[{"type":"b","x":null,"y":null},{"type":"a","x":null}]}')).toBe(
    '[{"type":"b","x":null},{"type":"a"}]',
  )
})

test('null is taken out behind references, in tuples and in joined schemas', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: {
      tree: { $ref: '#/$defs/tree' },
      pair: { type: 'array', prefixItems: [{ $ref: '#/$defs/tree' }, true], items: false },
      both: { allOf: [{ $ref: '#/$defs/tree' }, { properties: { 'a/b ~': { type: 'string' } } }] },
      any: true,
    },
    required: ['tree', 'pair', 'both'],
    $defs: {
      tree: {
        type: 'object',
        properties: { left: { $ref: '#/$defs/tree' }, size: { type: 'number' } },
      },
    },
  }
  expect(
    read(
      schema,
      '{"tree":{"left":{"left":null,"size":1},"size":null},"pair":[{"left":null},null],"both":{"size":null,"a/b ~":null},"any":null}',
    ),
  ).toBe('{"tree":{"left":{"size":1}},"pair":[{},null],"both":{},"any":null}')
})

test('schemas of draft 7 are read as such, also where they do not say so', () => {
  const pair = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }
  for (const schema of [pair, { $schema: 'http://json-schema.org/draft-07/schema#', ...pair }]) {
    expect(read(schema, '["a",1]')).toBe('["a",1]')
    expect(() => read(schema, '[1,"a"]')).toThrow('/0 must be string; /1 must be number')
  }
})

test('formats are checked', () => {
  expect(() => read({ type: 'string', format: 'date' }, '"today"')).toThrow(
    'must match format "date"',
  )
})

test('schemas with the same name do not meet', () => {
  const of = (type: string) => ({ $id: 'https://example.org/x', type: 'array', items: { type } })
  expect(read(of('number'), '[1]')).toBe('[1]')
  expect(read(of('string'), '["a"]')).toBe('["a"]')
})

test('a pattern matches the whole answer', () => {
  expect(match('[a-z]+', 'abc')).toBe('abc')
  for (const text of [' abc\n', '<think>x</think>\nabc', '```\nabc\n```', '{"value":"abc"}'])
    expect(match('[a-z]+', text)).toBe('abc')
  expect(match('a|bc', 'bc')).toBe('bc')
  expect(match('(?P<year>\\d{4})', '1999')).toBe('1999')
  expect(match('\\p{L}\\-', 'é-')).toBe('é-')
  expect(() => match('[a-z]+', 'abc 1')).toThrow(
    'The answer as a whole does not match the regular expression [a-z]+.',
  )
  expect(() => match('a+', 'aa', true)).toThrow('The answer was cut off.')
})

test('an answer of many brackets, or of 10 MB, is read in no time', () => {
  const open = '[1,'.repeat(3_000_000)
  expect(() => read(person, open)).toThrow('JSON of the answer')
  const numbers = { type: 'array', items: { type: 'number' } }
  const long = JSON.stringify(Array(2_000_000).fill('abc'))
  expect(() => read(numbers, long)).toThrow('/0 must be number.')
})
