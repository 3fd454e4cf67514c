import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { CallTimer } from '../../../src/models/http/call-timer.ts'
import { toMilliseconds } from '../../../src/models/model-params.ts'
import type { LLMTimeouts } from '../../../src/models/model-params.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function start(timeouts: LLMTimeouts = {}) {
  const errors: Error[] = []
  const timer = new CallTimer(toMilliseconds(timeouts), (error) => errors.push(error))
  const after = async (seconds: number) => {
    await vi.advanceTimersByTimeAsync(seconds * 1000)
    return errors.map((error) => ('code' in error ? error.code : undefined))
  }
  return { timer, errors, after }
}

test('by default ten seconds are for the connection', async () => {
  const { errors, after } = start()
  expect(await after(9.9)).toEqual([])
  expect(await after(0.2)).toEqual(['CONNECT_TIMEOUT'])
  expect(errors[0]?.message).toContain('within 10 s')
})

test('a short limit for silence does not cut the wait for the first byte', async () => {
  const { timer, after } = start({ silenceSeconds: 1, callSeconds: 1000 })
  timer.enter('firstByte')
  expect(await after(599)).toEqual([])
  expect(await after(2)).toEqual(['FIRST_BYTE_TIMEOUT'])
})

test('silence is counted from the last byte', async () => {
  const { timer, after } = start({ silenceSeconds: 5 })
  timer.enter('firstByte')
  await after(100)
  timer.enter('silence')
  for (let byte = 0; byte < 10; byte++) {
    expect(await after(4)).toEqual([])
    timer.heard()
  }
  expect(await after(4.9)).toEqual([])
  expect(await after(0.2)).toEqual(['SILENCE_TIMEOUT'])
  expect(await after(1000)).toHaveLength(1)
})

test('the whole call has an end, however steadily bytes come', async () => {
  const { timer, errors, after } = start({ silenceSeconds: 5, callSeconds: 20 })
  timer.enter('firstByte')
  timer.enter('silence')
  for (let byte = 0; byte < 10; byte++) {
    await after(3)
    timer.heard()
  }
  expect(await after(0)).toEqual(['CALL_TIMEOUT'])
  expect(errors[0]?.message).toContain('within 20 s')
})

test('a timer that was stopped says nothing, also where it had fired', async () => {
  const { timer, after } = start({ connectSeconds: 1 })
  vi.advanceTimersToNextTimer()
  timer.stop()
  expect(await after(1000)).toEqual([])
})

test('a call that takes less than ten seconds sets one timer', async () => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  const { timer, after } = start()
  timer.enter('firstByte')
  await after(9)
  timer.enter('silence')
  timer.heard()
  timer.stop()
  expect(set).toHaveBeenCalledTimes(1)
})

test('what came while the process stood still counts before its time is over', async () => {
  const { timer, after } = start({ silenceSeconds: 5 })
  timer.enter('firstByte')
  timer.enter('silence')
  vi.advanceTimersToNextTimer()
  timer.heard()
  expect(await after(4.9)).toEqual([])
  expect(await after(0.2)).toEqual(['SILENCE_TIMEOUT'])
})
