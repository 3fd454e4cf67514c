import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import { CircuitBreaker } from '../../../src/models/limiter/circuit-breaker.ts'

const error = new RetortError('provider-unavailable', 'It broke.')

function fail(breaker: CircuitBreaker, times: number, startedAt: number, now: number): void {
  for (let time = 0; time < times; time++) breaker.failed({ startedAt }, error, now, [])
}

test('twenty failures in a row open it, and let one call through every ten seconds', () => {
  const breaker = new CircuitBreaker()
  fail(breaker, 19, 100, 105)
  expect(breaker.isOpen).toBe(false)
  fail(breaker, 1, 100, 105)
  expect(breaker.isOpen).toBe(true)
  expect(breaker.lastError).toBe(error)
  expect(breaker.waitMs(105)).toBe(10_000)
  expect(breaker.waitMs(10_105)).toBe(0)
  breaker.started(10_105)
  expect(breaker.waitMs(10_105)).toBe(10_000)
})

test('after two failures in a row it waits a moment for more, unless there is a reply', () => {
  const breaker = new CircuitBreaker()
  fail(breaker, 1, 100, 105)
  expect(breaker.hesitatesMs(105)).toBe(0)
  fail(breaker, 1, 101, 107)
  expect(breaker.hesitatesMs(107)).toBe(20)
  expect(breaker.hesitatesMs(127)).toBe(0)
  fail(breaker, 1, 102, 130)
  expect(breaker.hesitatesMs(140)).toBe(10)
  breaker.replied({ startedAt: 103 })
  expect(breaker.hesitatesMs(140)).toBe(0)
})

test('a success of a call that started since closes it at once', () => {
  const breaker = new CircuitBreaker()
  fail(breaker, 20, 100, 105)
  breaker.replied({ startedAt: 10_105 })
  expect(breaker.isOpen).toBe(false)
  expect(breaker.waitMs(10_200)).toBe(0)
  fail(breaker, 19, 10_300, 10_305)
  expect(breaker.isOpen).toBe(false)
})

test('answers to calls from before say nothing about now', () => {
  const breaker = new CircuitBreaker()
  for (let time = 0; time < 20; time++) {
    breaker.replied({ startedAt: 90 })
    fail(breaker, 1, 100, 105)
  }
  expect(breaker.isOpen).toBe(true)
  breaker.replied({ startedAt: 99 })
  expect(breaker.isOpen).toBe(true)
})

test('it takes more failures where calls failed often before', () => {
  const breaker = new CircuitBreaker()
  for (let time = 0; time < 200; time++)
    if (time % 3 === 0) breaker.replied({ startedAt: time })
    else fail(breaker, 1, time, time)
  breaker.replied({ startedAt: 201 })
  fail(breaker, 25, 300, 305)
  expect(breaker.isOpen).toBe(false)
  fail(breaker, 10, 300, 305)
  expect(breaker.isOpen).toBe(true)
})

test('calls in flight that have outlasted the failures speak for the provider', () => {
  const breaker = new CircuitBreaker()
  const inFlight = Array.from({ length: 20 }, () => ({ startedAt: 100 }))
  for (let time = 0; time < 39; time++) breaker.failed({ startedAt: 100 }, error, 105, inFlight)
  expect(breaker.isOpen).toBe(false)
  breaker.failed({ startedAt: 100 }, error, 105, inFlight)
  expect(breaker.isOpen).toBe(true)
})
