import { expect, test } from 'vitest'

import { createRandom, randomInteger } from '../../src/core/random.ts'

const take = (count: number, ...seeds: (string | number)[]) => {
  const random = createRandom(...seeds)
  return Array.from({ length: count }, () => random())
}

test('the same seeds give the same numbers', () => {
  expect(take(100, 0, 'Task', 'row')).toEqual(take(100, 0, 'Task', 'row'))
})

test('the numbers stay what they are from release to release', () => {
  expect(take(3, 0, 'TextGeneration', 'a').map((number) => number.toFixed(9))).toEqual([
    '0.357534596',
    '0.598285662',
    '0.427649861',
  ])
})

test('any other seed gives other numbers', () => {
  const first = take(5, 0, 'Task', 'row')
  for (const seeds of [
    [1, 'Task', 'row'],
    [0, 'task', 'row'],
    [0, 'Task', 'row.0'],
  ])
    expect(take(5, ...seeds)).not.toEqual(first)
})

test('numbers lie in [0, 1) and are spread evenly', () => {
  const numbers = take(100_000, 'spread')
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(chiSquare(numbers)).toBeLessThan(150)
})

test('first numbers of neighbouring seeds are spread evenly', () => {
  const firsts = Array.from({ length: 20_000 }, (_, index) => createRandom(0, 'Task', index)())
  expect(chiSquare(firsts)).toBeLessThan(150)
})

test('whole numbers cover their range and nothing else', () => {
  const random = createRandom('dice')
  const faces = new Set(Array.from({ length: 1_000 }, () => randomInteger(random, 6)))
  expect(faces).toEqual(new Set([0, 1, 2, 3, 4, 5]))
})

/** Over 100 equal bins; above 150 for one of a thousand truly random samples. */
function chiSquare(numbers: readonly number[]): number {
  const counts = Array.from({ length: 100 }, () => 0)
  for (const number of numbers) {
    const bin = Math.floor(number * 100)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const expected = numbers.length / 100
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
