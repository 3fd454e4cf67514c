import fc from 'fast-check'
import { expect, test } from 'vitest'

import { AnswerTable } from '../../../src/storage/journal/answer-table.ts'

const word = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 3 }))
const addition = fc.record({
  hash: fc.record({ a: word, b: word, c: word }),
  segment: fc.integer({ min: 0, max: 3 }),
})

test('a table tells the last answer of each segment to each hash', () => {
  fc.assert(
    fc.property(fc.array(addition, { maxLength: 600 }), (additions) => {
      const table = new AnswerTable()
      const expected = new Map<string, Map<number, number>>()
      for (const [answer, { hash, segment }] of additions.entries()) {
        table.add(hash, answer, segment)
        const id = JSON.stringify(hash)
        expected.set(id, (expected.get(id) ?? new Map<number, number>()).set(segment, answer))
      }
      expect(table.size).toBe(expected.size)
      for (const { hash } of additions) {
        const found = new Map<number, number>()
        table.find(hash, (answer, segment) => void found.set(segment, answer))
        expect(found).toEqual(expected.get(JSON.stringify(hash)))
      }
      table.find({ a: 7, b: 7, c: 7 }, () => expect.unreachable('It was never added.'))
    }),
  )
})
