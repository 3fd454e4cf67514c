import fc from 'fast-check'
import { expect, test } from 'vitest'

import { HashSet } from '../../src/core/hash-set.ts'

test('a set of hashes tells new ones from those that it has, however many there are', () => {
  const hash = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 60 }), fc.nat({ max: 20 }), (hashes, expected) => {
      const set = new HashSet(expected)
      const known = new Set<string>()
      const all = Buffer.concat([...hashes, ...hashes])
      for (let at = 0; at < all.length; at += 16) {
        const text = all.toString('hex', at, at + 16)
        expect(set.add(all, at)).toBe(!known.has(text))
        known.add(text)
      }
    }),
  )
})

test('hashes that would take the same slot are kept apart, and one of zeros is one as well', () => {
  const set = new HashSet(4)
  const like = (first: number) =>
    Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? first : 0))
  expect([1, 2, 3, 0].map((first) => set.add(like(first), 0))).toEqual([true, true, true, true])
  expect([1, 2, 3, 0].map((first) => set.add(like(first), 0))).toEqual([false, false, false, false])
})
