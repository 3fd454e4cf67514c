import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { canonicalJson } from '../../src/core/json.ts'

test('canonical JSON is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('objects with the same members have one canonical text, in whatever order they were made', () => {
  const members = fc.uniqueArray(fc.tuple(fc.string(), fc.jsonValue()), {
    selector: ([key]) => key,
  })
  const orders = members.chain((entries) =>
    fc.tuple(
      fc.constant(entries),
      fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
    ),
  )
  fc.assert(
    fc.property(orders, ([entries, shuffled]) => {
      expect(canonicalJson({ nested: Object.fromEntries(entries) })).toBe(
        canonicalJson({ nested: Object.fromEntries(shuffled) }),
      )
    }),
  )
})

test('different values have different canonical texts', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const isSame = isDeepStrictEqual(
        JSON.parse(JSON.stringify([a])),
        JSON.parse(JSON.stringify([b])),
      )
      expect(canonicalJson(a) === canonicalJson(b)).toBe(isSame)
    }),
  )
})

test('what is undefined is left out of an object and null in a list', () => {
  expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}')
  expect(canonicalJson(undefined)).toBe('null')
})

test('a value that says how it is written is written so', () => {
  expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
})
