import { expect, test } from 'vitest'

import { SharedLoads } from '../../src/models/shared-loads.ts'

test('what many ask for is loaded once, and disposed of when the last lets go', async () => {
  const disposed: number[] = []
  const loads = new SharedLoads<number>(async (value) => void disposed.push(value))
  let loaded = 0
  const acquire = () => loads.acquire('a', async () => ++loaded)
  const [first, second] = await Promise.all([acquire(), acquire()])
  expect([first.value, second.value]).toEqual([1, 1])
  await first.release()
  await first.release()
  expect(disposed).toEqual([])
  await second.release()
  expect(disposed).toEqual([1])
  expect((await acquire()).value).toBe(2)
})

test('what failed to load is tried again', async () => {
  const loads = new SharedLoads<string>(async () => {})
  const failing = () => loads.acquire('a', () => Promise.reject(new Error('absent')))
  await expect(Promise.all([failing(), failing()])).rejects.toThrow('absent')
  await expect(failing()).rejects.toThrow('absent')
  expect((await loads.acquire('a', async () => 'there')).value).toBe('there')
})
