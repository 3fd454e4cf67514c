import { expect, test } from 'vitest'

import { normalize } from '../../../src/models/embeddings/normalize.ts'

test('a vector has length 1 afterwards, and points where it did', () => {
  const vector = normalize(Float32Array.of(3, 0, -4))
  expect([...vector]).toEqual([expect.closeTo(0.6, 6), 0, expect.closeTo(-0.8, 6)])
})

test('a vector of zeros stays one', () => {
  expect([...normalize(new Float32Array(2))]).toEqual([0, 0])
})

test('the largest numbers and the smallest have a length, too', () => {
  for (const size of [3e38, 1e-44])
    expect(normalize(Float32Array.of(size, size))[0]).toBeCloseTo(Math.SQRT1_2)
})
