import fc from 'fast-check'

import type { JsonObject, JsonValue } from '../../../src/core/json.ts'

/** A schema with a value that holds it, and that value as a strict provider would write it. */
export interface SchemaCase {
  readonly schema: JsonObject
  readonly value: JsonValue
  /** With `null` where a member was left out. */
  readonly strictValue: JsonValue
}

const texts = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', 'a "b"', '{', '}]', '```', 'null', "it's", '\\', '\n', 'é\u2028😀'),
)
const names = fc.constantFrom('a', 'b', 'value', 'c/d', 'e~f', '$ref', 'type', 'constructor', 'ü')

const leaf: fc.Arbitrary<SchemaCase> = fc.oneof(
  texts.map((value) => same({ type: 'string' }, value)),
  fc.integer().map((value) => same({ type: 'integer' }, value)),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => same({ type: 'number' }, Object.is(value, -0) ? 0 : value)),
  fc.boolean().map((value) => same({ type: 'boolean' }, value)),
  fc.constantFrom('x', 'y').map((value) => same({ enum: ['x', 'y'] }, value)),
  fc.constantFrom('x', 3, true).map((value) => same({ const: value }, value)),
  fc.option(fc.integer()).map((value) => same({ type: ['integer', 'null'] }, value)),
)

function same(schema: JsonObject, value: JsonValue): SchemaCase {
  return { schema, value, strictValue: value }
}

const { node } = fc.letrec<{ node: SchemaCase; object: SchemaCase }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('object'),
    arrayOf(tie('node')),
    choiceOf(tie('object')),
  ),
  object: objectOf(tie('node')),
}))

/** Schemas of every shape that a strict provider takes, with their values. */
export const schemaCases = node

function objectOf(members: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  const member = fc.record({
    name: names,
    of: members,
    presence: fc.constantFrom('required', 'optional', 'left out'),
  })
  return fc.uniqueArray(member, { selector: ({ name }) => name, maxLength: 4 }).map((all) => ({
    schema: {
      type: 'object',
      properties: Object.fromEntries(all.map(({ name, of }) => [name, of.schema])),
      required: all.filter(({ presence }) => presence === 'required').map(({ name }) => name),
      additionalProperties: false,
    },
    value: Object.fromEntries(
      all.filter(({ presence }) => presence !== 'left out').map(({ name, of }) => [name, of.value]),
    ),
    strictValue: Object.fromEntries(
      all.map(({ name, of, presence }) => [name, presence === 'left out' ? null : of.strictValue]),
    ),
  }))
}

function arrayOf(items: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  return fc.tuple(items, fc.nat(3)).map(([{ schema, value, strictValue }, length]) => ({
    schema: { type: 'array', items: schema },
    value: Array.from({ length }, () => value),
    strictValue: Array.from({ length }, () => strictValue),
  }))
}

/** A choice between objects that a member tells apart. */
function choiceOf(objects: fc.Arbitrary<SchemaCase>): fc.Arbitrary<SchemaCase> {
  return fc
    .tuple(objects, objects, fc.constantFrom('anyOf', 'oneOf'))
    .map(([one, other, keyword]) => {
      const tagged = ({ schema }: SchemaCase, tag: string): JsonObject => ({
        ...schema,
        properties: {
          ...(schema['properties'] as JsonObject),
          tag: { type: 'string', const: tag },
        },
        required: [...(schema['required'] as string[]), 'tag'],
      })
      return {
        schema: { [keyword]: [tagged(one, 'one'), tagged(other, 'other')] },
        value: { ...(other.value as JsonObject), tag: 'other' },
        strictValue: { ...(other.strictValue as JsonObject), tag: 'other' },
      }
    })
}
