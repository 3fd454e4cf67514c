import { expect, test } from 'vitest'

import { findJoinPaths } from '../../src/core/join-paths.ts'

/** Steps by what each reads. */
const graph = (...after: readonly number[][]) => after.map((each) => ({ after: each }))

test('branches of one step part there', () => {
  // 0 → 1 → (2 → 3, 4) → 5
  const steps = graph([], [0], [1], [2], [1], [3, 4])
  expect(findJoinPaths(steps, 5)).toEqual({
    fork: 1,
    branches: [
      [
        { step: 3, from: 2, within: [] },
        { step: 2, from: 1, within: [] },
      ],
      [{ step: 4, from: 1, within: [] }],
    ],
  })
})

test('a branch may be the fork itself', () => {
  expect(findJoinPaths(graph([], [0], [0, 1]), 2)).toEqual({
    fork: 0,
    branches: [[], [{ step: 1, from: 0, within: [] }]],
  })
})

test('branches that were joined on the way count as one part', () => {
  // 0 → (1, 2) → 3 → 4, beside 0 → 5; both → 6
  const steps = graph([], [0], [0], [1, 2], [3], [0], [4, 5])
  expect(findJoinPaths(steps, 6)).toEqual({
    fork: 0,
    branches: [
      [
        { step: 4, from: 3, within: [] },
        { step: 3, from: 0, within: [1, 2] },
      ],
      [{ step: 5, from: 0, within: [] }],
    ],
  })
})

test('nested branches part where the outer ones do', () => {
  // 0 → 1 → (2, 3), 0 → 4; 2, 3 and 4 → 5
  const steps = graph([], [0], [1], [1], [0], [2, 3, 4])
  expect(findJoinPaths(steps, 5)?.fork).toBe(0)
  expect(findJoinPaths(steps, 5)?.branches[0]).toEqual([
    { step: 2, from: 1, within: [] },
    { step: 1, from: 0, within: [] },
  ])
})

test('rows of two generators have nothing in common', () => {
  expect(findJoinPaths(graph([], [], [0, 1]), 2)).toBeUndefined()
  expect(findJoinPaths(graph([], [], [0, 1], [2], [2], [3, 4, 0]), 5)).toBeUndefined()
})
