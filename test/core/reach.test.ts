import { expect, test } from 'vitest'

import { extentsOf, sourcesOnly } from '../../src/core/reach.ts'

const measured = {
  sources: [
    { step: 0, rows: 5 },
    { step: 1, rows: 8 },
  ],
  steps: [
    { barrier: null, roots: [0] },
    { barrier: null, roots: [1] },
    { barrier: null, roots: [0, 1] },
    { barrier: 3, roots: [] },
    { barrier: 3, roots: [] },
  ],
}

test('steps have as many positions as the longest source that they go back to', () => {
  expect(extentsOf(measured, sourcesOnly)).toEqual([5, 8, 8, 0, 0])
})

test('only so many rows of each source are worked on as a wave takes', () => {
  expect(extentsOf(measured, { end: 6, sets: {} })).toEqual([5, 6, 6, 0, 0])
})

test('behind a global step there are as many positions as it left rows', () => {
  const sets = { 3: { key: 'set', rows: 21 } }
  expect(extentsOf(measured, { end: 2, sets })).toEqual([2, 2, 2, 21, 21])
})
