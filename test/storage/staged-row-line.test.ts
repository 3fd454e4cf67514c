import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  leftRow,
  sourceRow,
  stagedRowLine,
  toStagedRow,
} from '../../src/storage/staged-row-line.ts'

const json = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }))
  .map((row) => JSON.stringify(row))
const position = fc.nat(10_000_000)

test('a row of a source is written as if it had been parsed', () => {
  fc.assert(
    fc.property(position, json, (at, text) => {
      const row = sourceRow(at, 'a1', text)
      const parsed = { origin: String(at), identity: 'a1', row: JSON.parse(text) as object }
      expect(stagedRowLine(row)).toBe(JSON.stringify([parsed.origin, 'a1', parsed.row]))
      expect(row).toEqual(parsed)
    }),
  )
})

test('a row behind several global steps keeps all of its places, and is written as if it had been parsed', () => {
  fc.assert(
    fc.property(json, fc.array(position, { minLength: 1, maxLength: 4 }), (text, places) => {
      let line = `["12.0.i1","a1.0.i1",${text}]`
      for (const [index, place] of places.entries()) {
        const row = leftRow(place, line)
        const known = places.slice(0, index + 1)
        expect(row).toEqual({
          origin: '12.0.i1',
          identity: 'a1.0.i1',
          row: JSON.parse(text) as object,
          places: known,
        })
        if (row === undefined) return
        line = stagedRowLine(row)
        expect(toStagedRow(JSON.parse(line))).toEqual(row)
      }
    }),
  )
})

test('a copy of a stored row that holds something else is written as what it holds', () => {
  const row = sourceRow(3, 'a1', '{"id":1}')
  expect(stagedRowLine({ ...row, row: { id: 2 } })).toBe('["3","a1",{"id":2}]')
})

test('what is no line of a row is none', () => {
  for (const text of ['', '[]', '{"id":1}', '["1","a",2]']) expect(leftRow(0, text)).toBeUndefined()
})
