import { expect, test } from 'vitest'

import type { Share } from '../../../src/core/lease.ts'
import { Limiter } from '../../../src/models/limiter/limiter.ts'
import { Limiters } from '../../../src/models/limiter/limiters.ts'
import { FakeClock, settle } from '../fake-clock.ts'

const share = (part: Partial<Share>): Share => ({
  maxConcurrency: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  ...part,
})

function createHarness() {
  const clock = new FakeClock()
  const limiter = new Limiter('test', { clock, isShared: true })
  limiter.join({ maxConcurrency: 6, requestsPerMinute: 1200 })
  let started = 0
  const ask = (count: number) => {
    for (let index = 0; index < count; index++)
      void limiter.run(0, () => {
        started += 1
        return new Promise<void>((resolve) => clock.after(10, resolve))
      })
  }
  return { clock, limiter, ask, started: () => started }
}

test('a limiter that shares its limits starts nothing before its first share', async () => {
  const { clock, limiter, ask, started } = createHarness()
  ask(4)
  await clock.advance(60_000)
  expect(started()).toBe(0)
  expect(limiter.demand()).toEqual({ inFlight: 0, waiting: 4 })
  expect(limiter.stats().blockedReason).toContain("'test' waits for its share")
  expect(clock.timers).toBe(0)
  limiter.setShare(share({ maxConcurrency: 3 }))
  await settle()
  expect(started()).toBe(3)
  expect(limiter.demand()).toEqual({ inFlight: 3, waiting: 1 })
  expect(limiter.stats().blockedReason).toBeNull()
})

test('a share bounds what was told, and can be taken away', async () => {
  const { clock, limiter, ask, started } = createHarness()
  limiter.setShare(share({ maxConcurrency: 50, requestsPerMinute: 60 }))
  ask(20)
  await clock.advance(3000)
  expect(started()).toBe(4)
  expect(limiter.told()).toEqual({
    maxConcurrency: 6,
    requestsPerMinute: 1200,
    tokensPerMinute: null,
  })
  limiter.setShare(share({ maxConcurrency: 0, requestsPerMinute: 0 }))
  await clock.advance(60_000)
  expect(started()).toBe(4)
  expect(limiter.stats().blockedReason).toContain('waits for its share')
  limiter.setShare(undefined)
  await clock.advance(60_000)
  expect(started()).toBe(4)
  limiter.setShare(share({ maxConcurrency: 2, requestsPerMinute: 1200 }))
  await clock.advance(5000)
  expect(started()).toBe(20)
  expect(limiter.stats().peakInFlight).toBe(2)
})

test('limiters tell of each group when it is first used', () => {
  const groups: string[] = []
  const limiters = new Limiters({ onCreate: ({ group }) => groups.push(group) })
  for (const group of ['a', 'b', 'a']) limiters.of(group)
  expect(groups).toEqual(['a', 'b'])
  expect(limiters.all()).toEqual([limiters.of('a'), limiters.of('b')])
})

test('what members were told goes on while nobody is there', async () => {
  const limiter = new Limiter('test')
  const membership = limiter.join({ maxConcurrency: 3 })
  membership.leave()
  membership.update({ maxConcurrency: 1 })
  await settle()
  expect(limiter.told().maxConcurrency).toBe(3)
  limiter.join({})
  expect(limiter.told().maxConcurrency).toBeNull()
})
