import { expect, test } from 'vitest'

import { Concurrency } from '../../../src/models/limiter/concurrency.ts'

function round(concurrency: Concurrency): void {
  const { limit } = concurrency
  for (let index = 0; index < limit; index++) concurrency.succeeded(limit)
}

test('what nobody told starts at 8 and doubles with each round, to 256', () => {
  const concurrency = new Concurrency()
  const limits = Array.from({ length: 7 }, () => {
    const { limit } = concurrency
    // Each success makes room while the round goes on; those in flight fill it.
    for (let index = 0; index < limit; index++) concurrency.succeeded(concurrency.limit)
    return limit
  })
  expect(limits).toEqual([8, 16, 32, 64, 128, 256, 256])
})

test('it does not grow where it is not used', () => {
  const concurrency = new Concurrency()
  for (let index = 0; index < 100; index++) concurrency.succeeded(7)
  expect(concurrency.limit).toBe(8)
})

test('congestion shrinks it once for all calls that were in flight, and it grows by one a round then', () => {
  const concurrency = new Concurrency()
  for (let index = 0; index < 4; index++) round(concurrency)
  const before = concurrency.limit
  for (let call = 0; call < 20; call++) concurrency.congested(100 + call, 200)
  expect(concurrency.limit).toBe(Math.ceil(before * 0.9))
  const shrunk = concurrency.limit
  round(concurrency)
  expect(concurrency.limit - shrunk).toBeGreaterThanOrEqual(0)
  expect(concurrency.limit - shrunk).toBeLessThanOrEqual(1)
  concurrency.congested(201, 300)
  expect(concurrency.limit).toBeLessThan(shrunk)
})

test('it never shrinks below one', () => {
  const concurrency = new Concurrency()
  for (let time = 1; time < 100; time++) concurrency.congested(time, time)
  expect(concurrency.limit).toBe(1)
})

test('a told number is start and ceiling', () => {
  const concurrency = new Concurrency()
  concurrency.setTold(20)
  expect(concurrency.limit).toBe(20)
  round(concurrency)
  expect(concurrency.limit).toBe(20)
  concurrency.congested(1, 2)
  expect(concurrency.limit).toBe(18)
  for (let index = 0; index < 10; index++) round(concurrency)
  expect(concurrency.limit).toBe(20)
})

test('another number holds at once, but for what congestion took away', () => {
  const concurrency = new Concurrency()
  concurrency.setTold(20)
  concurrency.setTold(40)
  expect(concurrency.limit).toBe(40)
  concurrency.congested(1, 2)
  concurrency.setTold(0)
  expect(concurrency.limit).toBe(0)
  concurrency.setTold(100)
  expect(concurrency.limit).toBe(36)
})
