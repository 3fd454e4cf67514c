import { expect, test } from 'vitest'

import { seededRandom } from '../../../bench/fake-server/seeded-random.ts'
import type { LLMLimits } from '../../../src/core/llm-spec.ts'
import { Limiter } from '../../../src/llms/limiter/limiter.ts'
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
