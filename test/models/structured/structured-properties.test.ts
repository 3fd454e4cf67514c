import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isObject } from '../../../src/core/json.ts'
import type { JsonObject, JsonValue } from '../../../src/core/json.ts'
import { loadStructured } from '../../../src/models/structured/load-structured.ts'
import { toStrictSchema } from '../../../src/models/structured/to-strict-schema.ts'
import { toolOf } from '../../../src/models/structured/tool-of.ts'
import { schemaCases } from './schema-arbitrary.ts'
import type { SchemaCase } from './schema-arbitrary.ts'

const reader = await loadStructured()
const read = (schema: JsonObject, text: string) =>
  reader.read({ format: 'json', schema }, text, false)
const runs = { numRuns: 60 }
const options = { strict: false, ownProperties: true, meta: false, validateSchema: false } as const
const validatorOf = (schema: JsonObject) => new Ajv2020(options).compile(schema)
const holds = (schema: JsonObject, value: JsonValue) => validatorOf(schema)(value)

/** A value as a provider in strict mode, or one that calls the tool, would write it. */
function asProviderWrites(schema: JsonObject, value: JsonValue): JsonValue {
  const { parameters } = toolOf({ format: 'json', schema })
  if (JSON.stringify(parameters) === JSON.stringify(schema)) return value
  return { [Object.keys(parameters['properties'] as JsonObject)[0] ?? '']: value }
}

const writings: Readonly<Record<string, (json: string) => string>> = {
  alone: (json) => json,
  fenced: (json) => `\`\`\`json\n${json}\n\`\`\``,
  'fenced in prose': (json) => `Here it is [as asked]:\n\n\`\`\`\n${json}\n\`\`\`\nDone {really}.`,
  'behind thoughts': (json) => `<think>\nMaybe {"a": 1}?\n</think>\n\n${json}`,
}
const ofBrackets: typeof writings = {
  'in prose': (json) => `It's this (see [below]): ${json} — that's "all" {of} it.`,
}
const mended: typeof writings = {
  'with a trailing comma': (json) => json.replace(/(?<=[^[{])([\]}])$/, ',$1'),
  'with comments': (json) => json.replace(/^([[{])/, '$1 // it begins\n'),
  'without its last bracket': (json) => (json.length > 2 ? json.slice(0, -1) : json),
}
const containers = schemaCases.filter(({ value }) => typeof value === 'object' && value !== null)
// Repair takes some brackets within texts for others.
const mendable = containers.filter(({ value }) => !/[[\]{}`]/.test(textsIn(value).join('')))

test.each([
  ...Object.entries(writings).map(([name, write]) => [name, write, schemaCases] as const),
  ...Object.entries(ofBrackets).map(([name, write]) => [name, write, containers] as const),
  ...Object.entries(mended).map(([name, write]) => [name, write, mendable] as const),
])('a value is found %s', (_, write, cases) => {
  fc.assert(
    fc.property(cases, ({ schema, value }) => {
      expect(JSON.parse(read(schema, write(JSON.stringify(value, null, 1))))).toEqual(value)
      expect(read(schema, write(JSON.stringify(value)))).toBe(JSON.stringify(value))
    }),
    runs,
  )
})

test('what a tool is called with is the value that was meant', () => {
  fc.assert(
    fc.property(schemaCases, ({ schema, value }) => {
      const written = asProviderWrites(schema, value)
      expect(holds(toolOf({ format: 'json', schema }).parameters, written)).toBe(true)
      expect(read(schema, JSON.stringify(written))).toBe(JSON.stringify(value))
    }),
    runs,
  )
})

test('the strict form takes a value with null for what is left out, and the reader takes that out again', () => {
  fc.assert(
    fc.property(schemaCases.filter(isUnambiguous), ({ schema, value, strictValue }) => {
      const strict = toStrictSchema(schema) ?? {}
      expectStrict(strict)
      const written = asProviderWrites(schema, strictValue)
      expect(holds(strict, written)).toBe(true)
      expect(JSON.parse(read(schema, JSON.stringify(written)))).toEqual(value)
    }),
    runs,
  )
})

test('the strict form takes no value with a member that has no name, or without one that has', () => {
  fc.assert(
    fc.property(schemaCases, ({ schema, strictValue }) => {
      const isStrict = validatorOf(toStrictSchema(schema) ?? {})
      const written = asProviderWrites(schema, strictValue) as JsonObject
      expect(isStrict(written)).toBe(true)
      expect(isStrict({ ...written, another: 1 })).toBe(false)
      for (const name of Object.keys(written)) {
        const { [name]: _, ...without } = written
        expect(isStrict(without)).toBe(false)
      }
    }),
    runs,
  )
})

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** Where a member may both be left out and be null, null is what was written. */
function isUnambiguous({ schema }: SchemaCase): boolean {
  return !JSON.stringify(schema).includes('"null"')
}

function expectStrict(schema: JsonObject): void {
  const parts = JSON.parse(JSON.stringify(schema), (_, part: unknown) => {
    if (isObject(part) && isObject(part['properties']) && part['type'] !== undefined) {
      expect(part['additionalProperties']).toBe(false)
      expect(part['required']).toEqual(Object.keys(part['properties']))
    }
    return part
  }) as unknown
  expect(parts).toBeDefined()
}
