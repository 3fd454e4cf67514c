import { expect, test } from 'vitest'

import { controlKey, takeControl, writeControl } from '../../activities/run-control.ts'
import { RunGates } from '../../activities/run-gates.ts'
import type { GatedAttempt, RunGate } from '../../activities/run-gates.ts'
import { Pulse } from '../../activities/pulse.ts'
import { RetortError } from '../../src/core/errors.ts'
import type { Store } from '../../src/storage/store.ts'
import { FakeClock } from '../models/fake-clock.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()
const first = { run: 'run', execution: 'first' }
const attempt: GatedAttempt = { signal: new AbortController().signal, check: () => {} }
const going = async () => true
const refusedKey = new RetortError('authentication', 'The key is refused.')

async function take(execution = 'first') {
  return await takeControl(store(), { run: 'run', execution }, {}, going)
}

/** A batch at work that ends when the test says so. */
async function begin(gates: RunGates, generation = 0, with_ = attempt) {
  const entered = Promise.withResolvers<RunGate>()
  const end = Promise.withResolvers<void>()
  const ended = gates.use(first, generation, with_, async (gate) => {
    entered.resolve(gate)
    await end.promise
  })
  ended.catch(entered.reject)
  return { gate: await entered.promise, ended, end: () => end.resolve() }
}

/** Lets a second go by, with the reading that it brings. */
async function letReadingHappen(clock: FakeClock, happened: () => boolean) {
  await clock.advance(1_000)
  await waitUntil(happened, 'a reading')
}

test('calls start for the execution that took control last, and for no other', async () => {
  const gates = new RunGates(store())
  await take('first')
  await take('second')
  await expect(gates.use(first, 0, attempt, (gate) => gate.pass())).rejects.toMatchObject({
    code: 'run-superseded',
  })
  const second = { run: 'run', execution: 'second' }
  await expect(gates.use(second, 0, attempt, (gate) => gate.pass())).resolves.toBeUndefined()
})

test('a pause ends the waiting of a batch within two seconds, and a resume lets the next attempt go on', async () => {
  const clock = new FakeClock()
  const gates = new RunGates(store(), clock)
  const control = await take()
  const batch = await begin(gates)
  await batch.gate.pass()
  await writeControl(store(), 'run', { ...control, revision: 1, paused: 'Somebody paused it.' })
  const pausedAt = clock.now()
  await letReadingHappen(clock, () => batch.gate.signal.aborted)
  expect(clock.now() - pausedAt).toBeLessThanOrEqual(2_000)
  await expect(batch.gate.pass()).rejects.toMatchObject({ code: 'run-paused', retryAfterMs: 5_000 })
  batch.end()
  await batch.ended

  await expect(gates.use(first, 0, attempt, (gate) => gate.pass())).rejects.toMatchObject({
    code: 'run-paused',
  })
  await writeControl(store(), 'run', { ...control, revision: 2, generation: 1 })
  await expect(gates.use(first, 1, attempt, (gate) => gate.pass())).resolves.toBeUndefined()
})

test('what stopped a run stops the batches of this process until it is resumed, and not for longer', async () => {
  const gates = new RunGates(store())
  const control = await take()
  await gates.use(first, 0, attempt, async (gate) => gate.stop(refusedKey))
  await expect(gates.use(first, 0, attempt, (gate) => gate.pass())).rejects.toBe(refusedKey)
  await writeControl(store(), 'run', { ...control, revision: 1, generation: 1 })
  await expect(gates.use(first, 1, attempt, (gate) => gate.pass())).resolves.toBeUndefined()
})

test('a call of before the resume that fails late does not stop what goes on', async () => {
  const gates = new RunGates(store())
  const control = await take()
  const late = await begin(gates)
  await writeControl(store(), 'run', { ...control, revision: 1, generation: 1 })
  await gates.use(first, 1, attempt, async (gate) => {
    late.gate.stop(refusedKey)
    await expect(gate.pass()).resolves.toBeUndefined()
  })
  late.end()
  await late.ended
})

test('no call starts while the last reading is older than five seconds, and one does when the store is back', async () => {
  const clock = new FakeClock()
  let isAway = false
  const shaky: Store = {
    ...store(),
    getVersioned: (key) =>
      isAway && key === controlKey('run')
        ? Promise.reject(new RetortError('store-unavailable', 'The store is away.'))
        : store().getVersioned(key),
  }
  const gates = new RunGates(shaky, clock)
  await take()
  const batch = await begin(gates)
  isAway = true
  await clock.advance(4_000)
  await expect(batch.gate.pass()).resolves.toBeUndefined()
  await clock.advance(2_000)
  let hasPassed = false
  const passing = batch.gate.pass().then(() => (hasPassed = true))
  await clock.advance(10_000)
  expect(hasPassed).toBe(false)
  isAway = false
  await letReadingHappen(clock, () => hasPassed)
  await passing
  batch.end()
  await batch.ended
})

test('an attempt that stood still for so long that another may have its work makes no further call', async () => {
  const clock = new FakeClock()
  const gates = new RunGates(store(), clock)
  await take()
  const pulse = new Pulse(() => clock.now())
  const frozen = { signal: pulse.signal, check: () => pulse.check() }
  const batch = await begin(gates, 0, frozen)
  await clock.advance(35_000)
  pulse.beat()
  await expect(batch.gate.pass()).resolves.toBeUndefined()
  // The last heartbeat that the server saw may be 15 s older than the last beat.
  await clock.advance(45_000)
  await expect(batch.gate.pass()).rejects.toMatchObject({ code: 'timeout' })
  pulse.beat()
  await expect(batch.gate.pass()).rejects.toMatchObject({ code: 'timeout' })
  batch.end()
  await batch.ended
})

test('batches that wait end when their worker stops', async () => {
  const gates = new RunGates(store())
  await take()
  const batch = await begin(gates)
  gates.close(new RetortError('worker-stopping', 'This worker is stopping.'))
  await expect(batch.gate.pass()).rejects.toMatchObject({ code: 'worker-stopping' })
  batch.end()
  await batch.ended
})

test('a batch is told when its run is set otherwise', async () => {
  const clock = new FakeClock()
  const gates = new RunGates(store(), clock)
  const control = await take()
  const batch = await begin(gates)
  let told = 0
  batch.gate.onSettings(() => told++)
  const settings = { limits: { draft: { maxConcurrency: 7 } } }
  await writeControl(store(), 'run', { ...control, revision: 1, settings })
  await letReadingHappen(clock, () => told > 0)
  expect(batch.gate.settings()).toEqual(settings)
  expect(told).toBe(1)
  batch.end()
  await batch.ended
})
