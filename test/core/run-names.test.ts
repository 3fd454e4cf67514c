import { expect, test } from 'vitest'

import { nextVersionId } from '../../src/core/run-names.ts'

test.each([
  ['monday', 'monday.r2'],
  ['monday.r2', 'monday.r3'],
  ['monday.r9', 'monday.r10'],
  ['a.r2.b', 'a.r2.b.r2'],
  ['monday.r0', 'monday.r0.r2'],
  ['.r2', '.r2.r2'],
])('the next version of %s is %s', (run, next) => {
  expect(nextVersionId(run)).toBe(next)
})
