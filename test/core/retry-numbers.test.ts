import { expect, test } from 'vitest'

import { countRetries } from '../../src/core/retry-numbers.ts'

const raises = [
  { run: 'run.r2', identities: ['a', 'b.1', 'c.0.2'] },
  { run: 'run.r3', identities: ['a', 'b.2'] },
]

test('a number is how often a row was asked for anew', () => {
  const numbers = countRetries(raises, false)
  expect(numbers.of('a', 0)).toBe(2)
  expect(numbers.of('x', 0)).toBe(0)
  expect(numbers.of('', 0)).toBe(0)
})

test('of several samples only the one that was rejected is asked for anew', () => {
  const numbers = countRetries(raises, true)
  expect([0, 1, 2].map((sample) => numbers.of('b', sample))).toEqual([0, 1, 1])
  expect([1, 2].map((sample) => numbers.of('c.0', sample))).toEqual([0, 1])
  expect(numbers.of('c', 0)).toBe(0)
})

test('where an item of a row is no sample, the whole row is asked for anew', () => {
  const numbers = countRetries(raises, false)
  expect([0, 1].map((sample) => numbers.of('b', sample))).toEqual([1, 1])
  expect(numbers.of('c.0', 0)).toBe(1)
  expect(numbers.of('c.1', 0)).toBe(0)
})

test('all numbers under a source row are told, in an order of their own', () => {
  const numbers = countRetries(raises, false)
  expect(numbers.under('a')).toEqual(['a=2'])
  expect(numbers.under('b')).toEqual(['b.1=1', 'b.2=1'])
  expect(numbers.under('c')).toEqual(['c.0.2=1'])
  expect(numbers.under('d')).toEqual([])
  const turned = countRetries(raises.toReversed(), false)
  expect(turned.under('b')).toEqual(numbers.under('b'))
})
