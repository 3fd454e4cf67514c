import { expect, test } from 'vitest'

import { isTooManyRejected, tooManyRejectedText } from '../../src/core/too-many-rejected.ts'

test('by default more than half is too much, once twenty are rejected', () => {
  expect(isTooManyRejected({ rejected: 19, done: 19 }, undefined, false)).toBe(false)
  expect(isTooManyRejected({ rejected: 20, done: 40 }, undefined, false)).toBe(false)
  expect(isTooManyRejected({ rejected: 20, done: 39 }, undefined, false)).toBe(true)
  expect(isTooManyRejected({ rejected: 19, done: 19 }, undefined, true)).toBe(false)
})

test('a share that was asked for also holds for few rows when the run is over', () => {
  expect(isTooManyRejected({ rejected: 2, done: 10 }, 0.1, false)).toBe(false)
  expect(isTooManyRejected({ rejected: 2, done: 10 }, 0.1, true)).toBe(true)
  expect(isTooManyRejected({ rejected: 1, done: 10 }, 0.1, true)).toBe(false)
})

test('a number of rows is one, from the first on where none may be rejected', () => {
  expect(isTooManyRejected({ rejected: 3, done: 3 }, 3, false)).toBe(false)
  expect(isTooManyRejected({ rejected: 4, done: 4_000 }, 3, false)).toBe(true)
  expect(isTooManyRejected({ rejected: 1, done: 1 }, 0, false)).toBe(true)
  expect(isTooManyRejected({ rejected: 0, done: 1 }, 0, true)).toBe(false)
})

test('the sentence names what was rejected and what is allowed', () => {
  expect(tooManyRejectedText({ rejected: 30, done: 50 }, undefined)).toMatch(
    /^30 rejected of 50 rows .* \(50 %\)/,
  )
  expect(tooManyRejectedText({ rejected: 11, done: 50 }, 10)).toContain('(10)')
})
