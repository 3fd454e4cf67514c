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

test('branches of two generators part at none of the steps', () => {
  expect(findJoinPaths(graph([], [], [0], [2, 1]), 3)).toEqual({
    fork: null,
    branches: [
      [
        { step: 2, from: 0, within: [] },
        { step: 0, from: null, within: [] },
      ],
      [{ step: 1, from: null, within: [] }],
    ],
  })
  // What two generators were joined to counts as one part, with all that is before it.
  const { fork, branches } = findJoinPaths(graph([], [], [0, 1], [2], [], [3, 4]), 5)
  expect(fork).toBeNull()
  expect(branches[0]).toEqual([
    { step: 3, from: 2, within: [] },
    { step: 2, from: null, within: [0, 1] },
  ])
})

test('a way ends at a global step', () => {
  const [load, mix, ...others] = graph([], [0], [1], [1], [2, 3])
  const steps = [load, { ...mix, kind: 'global' }, ...others].map((step) => ({
    after: [],
    ...step,
  }))
  expect(findJoinPaths(steps, 4).fork).toBe(1)
})

test('many joins one behind the other are found at once', () => {
  // Each diamond is (n, n + 1) → n + 2.
  const steps = [{ after: [] as number[] }]
  for (let diamond = 0; diamond < 60; diamond++) {
    const before = steps.length - 1
    steps.push({ after: [before] }, { after: [before] }, { after: [before + 1, before + 2] })
  }
  steps.push({ after: [0] }, { after: [steps.length - 1, steps.length] })
  const paths = findJoinPaths(steps, steps.length - 1)
  expect(paths?.fork).toBe(0)
  expect(paths?.branches[0]).toHaveLength(60)
})
