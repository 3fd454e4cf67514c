import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { hashJson, hashText } from '../../src/core/hash.ts'

test('a text is hashed as SHA-256 of its UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(hashText(text)).toBe(createHash('sha256').update(text).digest('hex'))
    }),
  )
})

test('equal values have equal hashes, whatever the order of their members', () => {
  expect(hashJson({ a: 1, b: [{ c: 2, d: null }] })).toBe(
    hashJson({ b: [{ d: null, c: 2 }], a: 1, e: undefined }),
  )
  expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: '1' }))
})
