import { expect, test } from 'vitest'

import { seededRandom } from '../../../bench/fake-server/seeded-random.ts'
import { RetortError } from '../../../src/core/errors.ts'
import type { Share } from '../../../src/core/lease.ts'
import type { LLMLimits } from '../../../src/core/llm-spec.ts'
import { Limiter } from '../../../src/models/limiter/limiter.ts'
import { FakeClock } from '../fake-clock.ts'
import { runRows } from './run-rows.ts'
import { type Behaviour, SimulatedProvider } from './simulated-provider.ts'

const seeds = [1, 2, 3, 4, 5]

async function measure(
  rows: number,
  limits: readonly LLMLimits[],
  behaviour: Partial<Behaviour>,
  seed: number,
) {
  const clock = new FakeClock()
  const provider = new SimulatedProvider(clock, { seed, ...behaviour })
  const random = seededRandom(seed)
  const limiters = limits.map((each) => {
    const limiter = new Limiter('test', { clock, random })
    limiter.join(each)
    return limiter
  })
  const run = await runRows(rows, limiters, provider, clock)
  expect(run).toMatchObject({ done: rows, rejected: [] })
  return { seconds: run.seconds, provider, stats: limiters.map((limiter) => limiter.stats()) }
}

const twice = (limits: LLMLimits) => [limits, limits]
const limited = { requestsPerMinute: 1200 }

test('a limit that was told is used to the full, without refusals', async () => {
  const half = { maxConcurrency: 25, requestsPerMinute: 600 }
  const { seconds, provider } = await measure(600, twice(half), limited, 1)
  expect(seconds).toBeLessThanOrEqual(1.03 * 30)
  expect(provider.refused).toBe(0)
})

test.each(seeds)('a limit that nobody told is found from refusals (%i)', async (seed) => {
  const behaviour = { ...limited, refusalMs: 2 * seed }
  const { seconds, provider } = await measure(600, [{ maxConcurrency: 50 }], behaviour, seed)
  expect(seconds).toBeLessThanOrEqual(1.05 * 30)
  expect(provider.refused).toBeLessThanOrEqual(48)
})

test.each(seeds)('two limiters find and share a limit that nobody told them (%i)', async (seed) => {
  const behaviour = { ...limited, refusalMs: 2 * seed }
  const { seconds, provider, stats } = await measure(
    3000,
    twice({ maxConcurrency: 25 }),
    behaviour,
    seed,
  )
  expect(seconds).toBeLessThanOrEqual(1.05 * 150)
  expect(provider.refused).toBeLessThanOrEqual(240)
  for (const { succeeded } of stats) expect(succeeded).toBeGreaterThan(900)
})

test('a learned rate is told, and refusals counted', async () => {
  const { provider, stats } = await measure(600, [{ maxConcurrency: 50 }], limited, 1)
  expect(stats[0]?.rateLimited).toBe(provider.refused)
  const learned = stats[0]?.learnedRequestsPerMinute ?? 0
  expect(learned).toBeGreaterThan(600)
  expect(learned).toBeLessThan(2400)
})

test.each(seeds)('refusals at random change neither rate nor concurrency (%i)', async (seed) => {
  const { seconds, stats } = await measure(
    500,
    [{ maxConcurrency: 50 }],
    { rateLimitShare: 0.5 },
    seed,
  )
  expect(seconds).toBeLessThanOrEqual(40)
  expect(stats[0]).toMatchObject({ maxConcurrency: 50, learnedRequestsPerMinute: null })
})

test('a limit that falls away is forgotten', async () => {
  const clock = new FakeClock()
  const provider = new SimulatedProvider(clock, limited)
  const limiter = new Limiter('test', { clock })
  limiter.join({ maxConcurrency: 50 })
  await runRows(200, [limiter], provider, clock)
  provider.set({ requestsPerMinute: undefined })
  const { seconds } = await runRows(5000, [limiter], provider, clock)
  expect(seconds).toBeLessThan(25)
  expect(limiter.stats().learnedRequestsPerMinute).toBeNull()
})

test('refusals that name no time shrink concurrency instead', async () => {
  const { provider, stats } = await measure(
    300,
    [{ maxConcurrency: 50 }],
    { ...limited, retryAfterMs: undefined },
    1,
  )
  expect(provider.refused).toBeGreaterThan(0)
  expect(stats[0]?.learnedRequestsPerMinute).toBeNull()
  expect(stats[0]?.maxConcurrency).toBeLessThan(50)
})

const share = (maxConcurrency: number): Share => ({
  maxConcurrency,
  requestsPerMinute: null,
  tokensPerMinute: null,
})

test.each(seeds)('a process that joins goes on with what another was taught (%i)', async (seed) => {
  const clock = new FakeClock()
  const provider = new SimulatedProvider(clock, { ...limited, seed, refusalMs: 2 * seed })
  const [a, b] = [1, 2].map((place) => {
    const limiter = new Limiter('test', { clock, random: seededRandom(place), isShared: true })
    limiter.join({ maxConcurrency: 50 })
    return limiter
  }) as [Limiter, Limiter]
  a.setShare(share(50), { part: 1, learned: null })
  await runRows(100, [a], provider, clock)
  const before = provider.refused
  a.setShare(share(25), { part: 0.5, learned: null })
  b.setShare(share(25), { part: 0.5, learned: a.learned() })
  expect(a.learned()).toBeCloseTo(b.learned() ?? 0, 6)
  expect(b.stats().learnedRequestsPerMinute).toBeCloseTo((a.learned() ?? 0) / 2, 6)
  const { seconds } = await runRows(600, [a, b], provider, clock)
  expect(b.stats().rateLimited).toBeGreaterThan(0)
  expect(b.stats().succeeded).toBeGreaterThan(200)
  expect(seconds).toBeLessThanOrEqual(1.05 * 30)
  expect(provider.refused - before).toBeLessThanOrEqual(32)
})

test('who may use nothing for a while keeps what it was taught, and who is alone has all of it', () => {
  const limiter = new Limiter('test', { clock: new FakeClock(), isShared: true })
  limiter.setShare(share(10), { part: 0.25, learned: 1_200 })
  expect(limiter.stats().learnedRequestsPerMinute).toBeCloseTo(300, 6)
  limiter.setShare(share(0), { part: 0, learned: 1_200 })
  limiter.setShare(share(40), { part: 1, learned: null })
  expect(limiter.stats().learnedRequestsPerMinute).toBeCloseTo(1_200, 6)
})

test('a process that is refused all at once by an empty bucket trusts the others', async () => {
  const clock = new FakeClock()
  const limiter = new Limiter('test', { clock, isShared: true, random: () => 0.5 })
  limiter.setShare(share(25), { part: 0.5, learned: null })
  let asked = 0
  const ask = async () => {
    asked += 1
    await new Promise<void>((resolve) => clock.after(3, resolve))
    throw new RetortError('rate-limited', 'Too many requests.', { retryAfterMs: 1000 })
  }
  for (let row = 0; row < 25; row++) void limiter.run(row, ask)
  await clock.advance(100)
  expect(asked).toBeGreaterThanOrEqual(8)
  const guess = limiter.learned() ?? 0
  expect(guess).toBeGreaterThan(0)
  limiter.setShare(share(25), { part: 0.5, learned: 4 * guess })
  await clock.advance(1000)
  expect(limiter.stats().learnedRequestsPerMinute).toBeCloseTo(2 * guess, 0)
})
