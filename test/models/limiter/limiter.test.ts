import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import { Gate } from '../../../src/models/limiter/gate.ts'
import type { CallOptions } from '../../../src/models/limiter/call-options.ts'
import { Limiter } from '../../../src/models/limiter/limiter.ts'
import { Limiters } from '../../../src/models/limiter/limiters.ts'
import { FakeClock, settle } from '../fake-clock.ts'

interface Attempt {
  readonly name: string
  readonly at: number
  answer(value?: string): void
  fail(error: unknown): void
}

function createHarness(maxConcurrency?: number) {
  const clock = new FakeClock()
  const limiter = new Limiter('test', { clock, random: () => 1 })
  limiter.join(maxConcurrency === undefined ? {} : { maxConcurrency })
  const attempts: Attempt[] = []
  const start = clock.now()
  function call(name: string, priority = 0, options: CallOptions = {}) {
    const outcome: { value?: string; error?: unknown } = {}
    const attempt = () =>
      new Promise<string>((resolve, reject) => {
        attempts.push({
          name,
          at: clock.now() - start,
          answer: (value = name) => resolve(value),
          fail: reject,
        })
      })
    limiter.run(priority, attempt, options).then(
      (value) => (outcome.value = value),
      (error: unknown) => (outcome.error = error),
    )
    return outcome
  }
  const names = () => attempts.map((attempt) => attempt.name)
  const last = () => attempts[attempts.length - 1]
  return { clock, limiter, attempts, call, names, last, start }
}

const rateLimited = (retryAfterMs?: number) =>
  new RetortError('rate-limited', 'Too many.', retryAfterMs === undefined ? {} : { retryAfterMs })
const broken = () => new RetortError('provider-unavailable', 'It broke.')
const lost = () => new RetortError('connection-lost', 'Nothing listens there.')

test('no more calls are in flight than the limit says', async () => {
  const { limiter, attempts, call, names } = createHarness(2)
  for (const name of ['a', 'b', 'c', 'd']) call(name)
  expect(names()).toEqual(['a', 'b'])
  attempts[0]?.answer()
  await settle()
  expect(names()).toEqual(['a', 'b', 'c'])
  expect(limiter.stats()).toMatchObject({ inFlight: 2, waiting: 1, peakInFlight: 2, attempts: 3 })
})

test('eight calls are in flight where nobody told a limit', () => {
  const { call, names } = createHarness()
  for (let index = 0; index < 20; index++) call(String(index))
  expect(names()).toHaveLength(8)
})

test('calls that wait are served by priority, then in the order of their arrival', async () => {
  const { attempts, call, names } = createHarness(1)
  call('first', 9)
  for (const [name, priority] of [
    ['late', 5],
    ['b', 2],
    ['c', 2],
    ['a', 1],
  ] as const)
    call(name, priority)
  for (let index = 0; index < 5; index++) {
    attempts[index]?.answer()
    await settle()
  }
  expect(names()).toEqual(['first', 'a', 'b', 'c', 'late'])
})

test('the smallest setting of those who share a group holds, as long as they do', async () => {
  const { limiter, call, names } = createHarness(6)
  const membership = limiter.join({ maxConcurrency: 2 })
  for (let index = 0; index < 12; index++) call(String(index))
  expect(names()).toHaveLength(2)
  membership.update({ maxConcurrency: 4 })
  expect(limiter.told()).toMatchObject({ maxConcurrency: 4, requestsPerMinute: null })
  await settle()
  expect(names()).toHaveLength(4)
  membership.leave()
  await settle()
  expect(names()).toHaveLength(6)
})

test('calls before the first reply start within a few hundredths of a second, not all at once', async () => {
  const { clock, attempts, call, names } = createHarness(100)
  for (let index = 0; index < 100; index++) call(String(index))
  expect(names().length).toBeLessThan(20)
  await clock.advance(50)
  expect(names()).toHaveLength(100)
  for (const attempt of attempts) attempt.answer()
  await settle()
  for (let index = 0; index < 100; index++) call(String(index))
  expect(names()).toHaveLength(200)
})

test('a 429 that names a time pauses the whole group for exactly that time', async () => {
  const { clock, limiter, attempts, call, names } = createHarness(2)
  const outcome = call('a')
  call('b')
  call('c')
  attempts[0]?.fail(rateLimited(2000))
  attempts[1]?.answer()
  await clock.advance(1999)
  expect(names()).toEqual(['a', 'b'])
  expect(limiter.stats()).toMatchObject({ inFlight: 0, waiting: 2, pausedForMs: 1 })
  await clock.advance(1)
  expect(names()).toEqual(['a', 'b', 'a', 'c'])
  attempts[2]?.answer('done')
  await settle()
  expect(outcome.value).toBe('done')
  expect(limiter.stats().retries).toEqual({ 'rate-limited': 1 })
})

test('a pause above a minute is kept', async () => {
  const { clock, attempts, call, names } = createHarness(2)
  call('a')
  attempts[0]?.fail(rateLimited(90_000))
  await clock.advance(89_999)
  expect(names()).toEqual(['a'])
  await clock.advance(1)
  expect(names()).toEqual(['a', 'a'])
})

test('a pause that outlasts the deadline hands calls back at once, with the time left', async () => {
  const { clock, attempts, call, names } = createHarness(1)
  const deadline = clock.now() + 10_000
  const outcomes = [call('a', 0, { deadline }), call('b', 1, { deadline }), call('patient', 2)]
  attempts[0]?.fail(rateLimited(60_000))
  await settle()
  const late = call('late', 0, { deadline })
  await settle()
  for (const outcome of [outcomes[0], outcomes[1], late])
    expect(outcome?.error).toMatchObject({ code: 'rate-limited', retryAfterMs: 60_000 })
  await clock.advance(60_000)
  expect(names()).toEqual(['a', 'patient'])
})

test('a 429 without a time backs the group off, once for all calls that were in flight', async () => {
  const { clock, attempts, call } = createHarness(3)
  for (const name of ['a', 'b', 'c']) call(name)
  for (const attempt of attempts.slice(0, 3)) attempt.fail(rateLimited())
  await clock.advance(499)
  expect(attempts).toHaveLength(3)
  await clock.advance(1)
  expect(attempts).toHaveLength(6)
  for (const attempt of attempts.slice(3)) attempt.fail(rateLimited())
  await clock.advance(999)
  expect(attempts).toHaveLength(6)
  await clock.advance(1)
  expect(attempts).toHaveLength(9)
})

test('a back-off does not grow while some calls of a group get through', async () => {
  const { clock, attempts, call } = createHarness(2)
  for (const name of ['a', 'b', 'c', 'd']) call(name)
  attempts[0]?.fail(rateLimited())
  attempts[1]?.answer()
  await clock.advance(500)
  expect(attempts).toHaveLength(4)
  attempts[2]?.fail(rateLimited())
  attempts[3]?.answer()
  await clock.advance(500)
  expect(attempts).toHaveLength(6)
})

test('an isolated failure is repeated soon, and takes no place meanwhile', async () => {
  const { clock, limiter, attempts, call, names } = createHarness(1)
  const outcome = call('a', 0)
  call('b', 1)
  attempts[0]?.fail(broken())
  await settle()
  expect(names()).toEqual(['a', 'b'])
  await clock.advance(50)
  attempts[1]?.answer()
  await settle()
  expect(names()).toEqual(['a', 'b', 'a'])
  attempts[2]?.answer()
  await settle()
  expect(outcome.value).toBe('a')
  expect(limiter.stats()).toMatchObject({ succeeded: 2, retries: { 'provider-unavailable': 1 } })
})

test('waits between attempts double up to half a second while others succeed', async () => {
  const { clock, attempts, call, last } = createHarness(2)
  call('a')
  const ofA = () => attempts.filter(({ name }) => name === 'a').map(({ at }) => at)
  for (let index = 0; index < 7; index++) {
    last()?.fail(broken())
    await settle()
    call('other')
    last()?.answer()
    while (ofA().length < index + 2) await clock.advance(1)
  }
  const waits = ofA()
    .slice(1)
    .map((at, index) => at - (ofA()[index] ?? 0))
  expect(waits).toEqual([50, 100, 200, 400, 500, 500, 500])
})

test('waits grow to ten seconds, and no further, while nothing succeeds', async () => {
  const { clock, attempts, call, last } = createHarness(1)
  call('a')
  for (let index = 0; index < 40; index++) {
    last()?.fail(broken())
    const before = attempts.length
    while (attempts.length === before) await clock.advance(10)
  }
  const times = attempts.map(({ at }) => at)
  const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(Math.max(...waits)).toBe(10_000)
  expect(waits.at(-1)).toBe(10_000)
})

test('errors that repeating does not help are thrown at once', async () => {
  const { attempts, call } = createHarness(4)
  const errors = [
    new RetortError('authentication', 'No.'),
    new RetortError('refusal', 'No.'),
    new RetortError('quota', 'No.'),
    new TypeError('A bug.'),
  ]
  const outcomes = errors.map((_, index) => call(String(index)))
  for (const [index, error] of errors.entries()) attempts[index]?.fail(error)
  await settle()
  expect(outcomes.map((outcome) => outcome.error)).toEqual(errors)
})

test('a deadline ends the wait for a place, and the wait for another attempt', async () => {
  const { clock, attempts, call } = createHarness(1)
  const deadline = clock.now() + 100
  const failing = call('a', 0, { deadline })
  const error = broken()
  attempts[0]?.fail(error)
  await clock.advance(60)
  attempts[1]?.fail(error)
  call('b')
  const crowded = call('c', 1, { deadline })
  await clock.advance(100)
  expect(failing.error).toBe(error)
  expect(crowded.error).toMatchObject({ code: 'timeout', verdict: 'retry' })
})

test('an abort ends a wait with its reason', async () => {
  const { clock, attempts, call, limiter } = createHarness(1)
  const controller = new AbortController()
  const { signal } = controller
  const resting = call('a', 0, { signal })
  attempts[0]?.fail(broken())
  await settle()
  call('b')
  const waiting = call('c', 0, { signal })
  const reason = new Error('cancelled')
  controller.abort(reason)
  await settle()
  const late = call('d', 0, { signal })
  await settle()
  expect([resting.error, waiting.error, late.error]).toEqual([reason, reason, reason])
  attempts[1]?.answer()
  await clock.advance(1000)
  expect(limiter.stats()).toMatchObject({ inFlight: 0, waiting: 0, attempts: 2 })
})

test('an attempt that fails because it was aborted throws the reason', async () => {
  const { attempts, call } = createHarness(1)
  const controller = new AbortController()
  const outcome = call('a', 0, { signal: controller.signal })
  const reason = new Error('cancelled')
  controller.abort(reason)
  attempts[0]?.fail(lost())
  await settle()
  expect(outcome.error).toBe(reason)
})

test('an endpoint that never took a call for a minute is wrong', async () => {
  const { clock, call, last, attempts } = createHarness(1)
  const outcome = call('a')
  while (outcome.error === undefined && attempts.length < 100) {
    last()?.fail(lost())
    const before = attempts.length
    await settle()
    while (attempts.length === before && outcome.error === undefined) await clock.advance(50)
  }
  expect(outcome.error).toMatchObject({ code: 'endpoint-wrong', verdict: 'stop' })
  expect(String(outcome.error)).toContain('Nothing listens there.')
  expect(last()?.at).toBeGreaterThanOrEqual(60_000)
  expect(last()?.at).toBeLessThan(75_000)
})

test('an endpoint that took a call once is waited for', async () => {
  const { clock, call, last, attempts } = createHarness(1)
  call('first')
  last()?.answer()
  await settle()
  const outcome = call('a')
  for (let index = 0; index < 60; index++) {
    last()?.fail(lost())
    const before = attempts.length
    while (attempts.length === before) await clock.advance(50)
  }
  expect(clock.now()).toBeGreaterThan(1_000_000 + 300_000)
  last()?.answer()
  await settle()
  expect(outcome.value).toBe('a')
})

test('a pause lets nothing start until every reason is taken back', async () => {
  const { limiter, attempts, call, names } = createHarness(1)
  call('a')
  limiter.pause('one')
  limiter.pause('two')
  call('b')
  attempts[0]?.answer()
  await settle()
  limiter.open('one')
  await settle()
  expect(names()).toEqual(['a'])
  limiter.open('two')
  await settle()
  expect(names()).toEqual(['a', 'b'])
})

test("a run's closed gate holds up its own calls alone", async () => {
  const { attempts, call, names } = createHarness(1)
  const gate = new Gate()
  call('a')
  call('b', 0, { gate })
  call('c', 1)
  gate.pause('paused')
  attempts[0]?.answer()
  await settle()
  expect(names()).toEqual(['a', 'c'])
  attempts[1]?.answer()
  await settle()
  gate.open('paused')
  await settle()
  expect(names()).toEqual(['a', 'c', 'b'])
})

test('a closed limiter ends every wait and lets calls in flight finish', async () => {
  const { limiter, attempts, call } = createHarness(1)
  const flying = call('a')
  const waiting = call('b')
  limiter.close()
  await settle()
  const late = call('c')
  attempts[0]?.answer()
  await settle()
  expect(flying.value).toBe('a')
  for (const outcome of [waiting, late])
    expect(outcome.error).toMatchObject({ code: 'worker-stopping', verdict: 'retry' })
})

test('an idle limiter has no timer', async () => {
  const { clock, attempts, call } = createHarness(1)
  const controller = new AbortController()
  call('a', 0, { deadline: clock.now() + 500_000 })
  call('b', 0, { deadline: clock.now() + 500_000, signal: controller.signal })
  attempts[0]?.answer()
  await settle()
  attempts[1]?.fail(rateLimited(60_000))
  await settle()
  controller.abort(new Error('cancelled'))
  await settle()
  expect(clock.timers).toBe(0)
})

test('ten thousand waiting calls are served in order', async () => {
  const clock = new FakeClock()
  const limiter = new Limiter('many', { clock })
  const { signal } = new AbortController()
  const served: number[] = []
  const count = 10_000
  const calls = Array.from({ length: count }, (_, index) =>
    limiter.run(
      count - index,
      () => {
        served.push(count - index)
        return Promise.resolve()
      },
      { signal, deadline: clock.now() + 1000 },
    ),
  )
  await Promise.all(calls)
  const rest = served.slice(8)
  expect(rest).toEqual(rest.toSorted((a, b) => a - b))
})

test('limiters give the same limiter for the same group, and close all', async () => {
  const limiters = new Limiters()
  expect(limiters.of('a')).toBe(limiters.of('a'))
  expect(limiters.of('a')).not.toBe(limiters.of('b'))
  limiters.close()
  const run = limiters.of('c').run(0, () => Promise.resolve())
  await expect(run).rejects.toMatchObject({ code: 'worker-stopping' })
  expect(limiters.stats().map((stats) => stats.group)).toEqual(['a', 'b', 'c'])
})
