import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import { Limiter } from '../../../src/models/limiter/limiter.ts'
import { FakeClock, settle } from '../fake-clock.ts'
import { runRows } from './run-rows.ts'
import { type Behaviour, SimulatedProvider } from './simulated-provider.ts'

function createHarness(behaviour: Partial<Behaviour> = {}, maxConcurrency = 50) {
  const clock = new FakeClock()
  const provider = new SimulatedProvider(clock, behaviour)
  const limiter = new Limiter('test', { clock, random: () => 0.5 })
  limiter.join({ maxConcurrency })
  return { clock, provider, limiter }
}

test('errors of a third of all calls cost little time and no concurrency', async () => {
  const { clock, provider, limiter } = createHarness({ errorShare: 0.3 })
  const run = await runRows(500, [limiter], provider, clock)
  expect(run).toMatchObject({ done: 500, rejected: [] })
  expect(run.seconds).toBeLessThanOrEqual(4)
  expect(limiter.stats()).toMatchObject({ maxConcurrency: 50, isAway: false })
})

test('a provider that goes away is noticed by the calls in flight', async () => {
  const { clock, provider, limiter } = createHarness()
  const { promise: goesAway, resolve: goAway } = Promise.withResolvers<void>()
  let asked = 0
  provider.ask = async () => {
    asked += 1
    await goesAway
    throw new RetortError('connection-lost', 'The connection was reset.')
  }
  void runRows(100, [limiter, limiter], provider, clock, { withinMs: 10_000 })
  await clock.advance(500)
  expect(asked).toBe(50)
  goAway()
  await clock.advance(5_000)
  expect(limiter.stats().isAway).toBe(true)
  expect(asked).toBeLessThanOrEqual(52)
})

test('calls that fail at once while others take long are no outage', async () => {
  const { clock, provider, limiter } = createHarness({}, 200)
  let index = 0
  const ask = async () => {
    // Three of ten fail within milliseconds, and the first success is ten seconds away.
    const isFailing = index++ % 10 < 3
    await new Promise<void>((resolve) => clock.after(isFailing ? 5 : 10_000, resolve))
    if (isFailing) throw new RetortError('provider-unavailable', 'It broke.')
    return 'answer'
  }
  provider.ask = ask
  const run = await runRows(400, [limiter, limiter, limiter, limiter], provider, clock)
  expect(run.done).toBe(400)
  expect(limiter.stats().isAway).toBe(false)
})

test('hanging calls and lost connections delay rows and reject none', async () => {
  const { clock, provider, limiter } = createHarness({ hangShare: 0.05, resetShare: 0.02 })
  const run = await runRows(500, [limiter], provider, clock)
  expect(run).toMatchObject({ done: 500, rejected: [] })
  expect(run.seconds).toBeLessThanOrEqual(30)
})

for (const [kind, options] of [
  ['calls without a deadline', () => ({})],
  ['batches that are handed back', (clock: FakeClock) => ({ deadline: clock.now() + 600_000 })],
] as const)
  test(`an outage of three minutes costs a probe now and then, with ${kind}`, async () => {
    const { clock, provider, limiter } = createHarness()
    let before = 0
    let doneBefore = 0
    const run = await runRows(3000, [limiter], provider, clock, {
      options: () => options(clock),
      meanwhile(at, { done }) {
        if (at === 2000) provider.set({ isDown: true })
        if (at === 3000) before = provider.requests
        if (at === 100_000) expect(limiter.stats().blockedReason).toMatch(/'test' is away; it is/)
        if (at === 182_000) {
          expect(provider.requests - before).toBeLessThanOrEqual(20)
          expect(provider.requests - before).toBeGreaterThanOrEqual(16)
          provider.set({ isDown: false })
          doneBefore = done
        }
        if (at === 197_000) expect(done).toBeGreaterThan(doneBefore + 1000)
      },
    })
    expect(run).toMatchObject({ done: 3000, rejected: [] })
    expect(limiter.stats().isAway).toBe(false)
  })

test('while the provider is away, a call with a deadline is handed back within seconds', async () => {
  const { clock, limiter } = createHarness({}, 25)
  const down = () => Promise.reject(new RetortError('provider-unavailable', 'It is down.'))
  const outcomes: { readonly error: RetortError; readonly afterMs: number }[] = []
  const ask = () => {
    const at = clock.now()
    limiter
      .run(1, down, { deadline: at + 600_000 })
      .catch((error: RetortError) => outcomes.push({ error, afterMs: clock.now() - at }))
  }
  for (let index = 0; index < 100; index++) void limiter.run(0, down).catch(() => {})
  // It waits behind those, and has not been tried when the provider is found to be away.
  ask()
  await clock.advance(5000)
  expect(limiter.stats().isAway).toBe(true)
  ask()
  await clock.advance(30_000)
  expect(outcomes).toHaveLength(2)
  for (const { error, afterMs } of outcomes) {
    expect(error).toMatchObject({ code: 'provider-unavailable', verdict: 'retry' })
    expect(afterMs).toBeLessThan(13_000)
    expect(error.retryAfterMs).toBeGreaterThan(0)
    expect(error.retryAfterMs).toBeLessThanOrEqual(10_000)
  }
})

test('a pause of more than ten seconds hands calls with deadlines back at once', async () => {
  const { clock, limiter } = createHarness({}, 1)
  const wait = new RetortError('rate-limited', 'Too many.', { retryAfterMs: 30_000 })
  const options = { deadline: clock.now() + 600_000 }
  const outcome = limiter.run(0, () => Promise.reject(wait), options)
  await expect(outcome).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 30_000 })
  await clock.advance(10_000)
  const later = limiter.run(0, () => Promise.resolve(), options)
  await expect(later).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 20_000 })
})

test('a request that fails while others succeed is given up after twenty times', async () => {
  const { clock, provider, limiter } = createHarness({}, 10)
  let failures = 0
  const outcome: unknown[] = []
  const poison = limiter.run(0, () => {
    failures += 1
    return Promise.reject(new RetortError('provider-unavailable', 'The row is cursed.'))
  })
  poison.catch((error: unknown) => outcome.push(error))
  await runRows(5000, [limiter], provider, clock)
  // Before the first failure nothing else had succeeded.
  expect(failures).toBe(21)
  expect(outcome[0]).toMatchObject({ code: 'request-failing', verdict: 'reject' })
  expect(String(outcome[0])).toContain('The row is cursed.')
})

test('a request is never given up where nothing else succeeds', async () => {
  const { clock, limiter } = createHarness({}, 2)
  let failures = 0
  let isSettled = false
  const lonely = limiter.run(0, () => {
    failures += 1
    return Promise.reject(new RetortError('timeout', 'Nothing came.'))
  })
  lonely.then(
    () => (isSettled = true),
    () => (isSettled = true),
  )
  await clock.advance(3_600_000)
  expect(failures).toBeGreaterThan(100)
  expect(isSettled).toBe(false)
})

test('an error that never reached the provider says nothing about it', async () => {
  const { clock, limiter } = createHarness({}, 50)
  const paused = () => Promise.reject(new RetortError('run-paused', 'The run is paused.'))
  for (let index = 0; index < 50; index++) void limiter.run(0, paused).catch(() => {})
  await clock.advance(1000)
  expect(limiter.stats().isAway).toBe(false)
})

test('an address that never answered stops all that wait for it', async () => {
  const { clock, limiter } = createHarness({}, 5)
  const outcomes: unknown[] = []
  for (let index = 0; index < 20; index++)
    limiter
      .run(0, () => Promise.reject(new RetortError('connection-lost', 'Nothing listens there.')))
      .catch((error: unknown) => outcomes.push(error))
  await clock.advance(75_000)
  await settle()
  expect(outcomes).toHaveLength(20)
  for (const error of outcomes) expect(error).toMatchObject({ code: 'endpoint-wrong' })
})
