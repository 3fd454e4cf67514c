import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import type { LLMLimits, RateLimitReport } from '../../../src/core/llm-spec.ts'
import { Limiter } from '../../../src/models/limiter/limiter.ts'
import { FakeClock, settle } from '../fake-clock.ts'

function createHarness(limits: LLMLimits = {}) {
  const clock = new FakeClock()
  const limiter = new Limiter('test', { clock, random: () => 1 })
  const membership = limiter.join({ maxConcurrency: 8, ...limits })
  const start = clock.now()
  const startedAt: number[] = []
  /** Calls that are answered at once. */
  const ask = (count: number, tokens: { estimated?: number; used?: number } = {}) => {
    for (let index = 0; index < count; index++)
      void limiter.run(
        index,
        () => {
          startedAt.push(clock.now() - start)
          return Promise.resolve()
        },
        {
          estimatedTokens: tokens.estimated,
          ...(tokens.used === undefined ? {} : { usedTokens: () => tokens.used ?? 0 }),
        },
      )
  }
  return { clock, limiter, membership, startedAt, ask }
}

const report = (requests: Partial<NonNullable<RateLimitReport['requests']>>): RateLimitReport => ({
  requests: { limit: undefined, remaining: undefined, resetMs: undefined, ...requests },
  tokens: undefined,
})

test('half a second of the rate starts at once, and the rest at the rate', async () => {
  const { clock, startedAt, ask } = createHarness({ requestsPerMinute: 600 })
  ask(25)
  await clock.advance(2000)
  expect(startedAt.filter((at) => at === 0)).toHaveLength(5)
  expect(startedAt.slice(5, 9)).toEqual([100, 200, 300, 400])
  expect(startedAt).toHaveLength(25)
})

test('a rate below two a second lets one call start at a time', async () => {
  const { clock, startedAt, ask } = createHarness({ requestsPerMinute: 6 })
  ask(3)
  await clock.advance(20_000)
  expect(startedAt).toEqual([0, 10_000, 20_000])
})

test('what was idle for long starts no more than half a second of the rate', async () => {
  const { clock, startedAt, ask } = createHarness({ requestsPerMinute: 600 })
  await clock.advance(60_000)
  ask(10)
  await settle()
  expect(startedAt).toHaveLength(5)
})

test('a rate that is changed holds from then on', async () => {
  const { clock, startedAt, ask, membership } = createHarness({ requestsPerMinute: 600 })
  ask(100)
  await clock.advance(1000)
  expect(startedAt).toHaveLength(15)
  membership.update({ maxConcurrency: 8, requestsPerMinute: 60 })
  await clock.advance(10_000)
  expect(startedAt.length).toBeLessThanOrEqual(26)
})

test('between two batches a bucket does not fill anew', async () => {
  const { clock, limiter, membership, startedAt, ask } = createHarness({ requestsPerMinute: 600 })
  ask(5)
  await settle()
  membership.leave()
  limiter.join({ maxConcurrency: 8, requestsPerMinute: 600 })
  ask(5)
  await clock.advance(99)
  expect(startedAt).toHaveLength(5)
})

test('tokens are set aside before a call and settled with what it used', async () => {
  const { clock, startedAt, ask } = createHarness({ tokensPerMinute: 60_000 })
  ask(2, { estimated: 250, used: 250 })
  await settle()
  ask(1, { estimated: 100, used: 400 })
  await clock.advance(99)
  expect(startedAt).toHaveLength(2)
  await clock.advance(1)
  expect(startedAt).toEqual([0, 0, 100])
  ask(1, { estimated: 100, used: 100 })
  // It is 300 tokens behind, and waits for 400.
  await clock.advance(399)
  expect(startedAt).toHaveLength(3)
  await clock.advance(1)
  expect(startedAt.at(-1)).toBe(500)
})

test('tokens that a refused call did not use are given back', async () => {
  const { clock, limiter, startedAt, ask } = createHarness({ tokensPerMinute: 60_000 })
  const call = limiter.run(
    0,
    () => Promise.reject(new RetortError('request-invalid', 'It is not JSON.')),
    { estimatedTokens: 500 },
  )
  await expect(call).rejects.toThrow('It is not JSON.')
  ask(1, { estimated: 500 })
  await clock.advance(0)
  expect(startedAt).toEqual([0])
})

test('a call that needs more tokens than the bucket holds starts when it is full', async () => {
  const { clock, startedAt, ask } = createHarness({ tokensPerMinute: 60_000 })
  ask(2, { estimated: 2000, used: 2000 })
  await clock.advance(10_000)
  expect(startedAt).toEqual([0, 2000])
})

test('one timer wakes calls that wait for requests, tokens, a pause and a gate', async () => {
  const { clock, limiter, startedAt, ask } = createHarness({
    requestsPerMinute: 60,
    tokensPerMinute: 60_000,
  })
  ask(20, { estimated: 10 })
  limiter.observe(report({ remaining: 0, resetMs: 5000 }))
  await settle()
  expect(clock.timers).toBe(1)
  limiter.pause('paused')
  await clock.advance(5000)
  expect(clock.timers).toBe(0)
  limiter.open('paused')
  await clock.advance(1000)
  expect(startedAt).toEqual([0, 5000, 6000])
  expect(clock.timers).toBe(1)
})

test('a limit of a minute in the headers teaches a rate', async () => {
  const { clock, limiter, startedAt, ask } = createHarness()
  for (const remaining of [599, 598, 597])
    limiter.observe(report({ limit: 600, remaining, resetMs: (600 - remaining) * 100 }))
  ask(30)
  await clock.advance(1000)
  expect(startedAt).toHaveLength(15)
})

test('of a limit in the headers a process uses the part that is its own', async () => {
  const { clock, limiter, startedAt, ask } = createHarness()
  const untold = { maxConcurrency: null, requestsPerMinute: null, tokensPerMinute: null }
  limiter.setShare(untold, { part: 0.5, learned: null })
  for (const remaining of [599, 598, 597])
    limiter.observe(report({ limit: 600, remaining, resetMs: (600 - remaining) * 100 }))
  ask(30)
  await clock.advance(2000)
  expect(startedAt).toHaveLength(12)
})

test('a limit of a day, or of who knows what, teaches none', async () => {
  const { clock, limiter, startedAt, ask } = createHarness()
  for (const remaining of [599, 598, 597])
    limiter.observe(report({ limit: 600, remaining, resetMs: (600 - remaining) * 144_000 }))
  for (const resetMs of [50_000, 49_000, 48_000])
    limiter.observe(report({ limit: 600, remaining: 590, resetMs }))
  for (let time = 0; time < 3; time++) limiter.observe(report({ limit: 600, remaining: 590 }))
  ask(30)
  await clock.advance(100)
  expect(startedAt).toHaveLength(30)
})

test('headers never raise what was told', async () => {
  const { clock, limiter, startedAt, ask } = createHarness({ requestsPerMinute: 60 })
  for (const remaining of [599, 598, 597])
    limiter.observe(report({ limit: 600, remaining, resetMs: (600 - remaining) * 100 }))
  ask(30)
  await clock.advance(2000)
  expect(startedAt).toEqual([0, 1000, 2000])
})

test('where nothing remains, calls wait until something does', async () => {
  const { clock, limiter, startedAt, ask } = createHarness()
  limiter.observe(report({ limit: 10, remaining: 0, resetMs: 7000 }))
  ask(1)
  await clock.advance(6999)
  expect(startedAt).toEqual([])
  expect(limiter.stats().blockedReason).toBe(
    "Limit group 'test' waits for 1 s, as its provider asked: The provider of limit group 'test' said that nothing remains of its limit for the time being.",
  )
  await clock.advance(1)
  expect(startedAt).toEqual([7000])
})

test('where an empty window of a minute refills steadily, calls wait for one place only', async () => {
  const { clock, limiter, startedAt, ask } = createHarness()
  limiter.observe(report({ limit: 600, remaining: 0, resetMs: 60_000 }))
  ask(1)
  await clock.advance(100)
  expect(startedAt).toEqual([100])
})
