import { expect, test } from 'vitest'

import { moveEpoch, readEpoch } from '../../src/storage/epoch.ts'
import { addRaise, readRaises } from '../../src/storage/retries.ts'
import { useEmptyStore } from '../activities/empty-store.ts'

const store = useEmptyStore()

test('raises are kept in the order in which they came, signature by signature', async () => {
  expect(await readRaises(store(), 'answers', 'a')).toEqual([])
  const one = { run: 'run.r2', identities: ['1', '2.0'] }
  const two = { run: 'run.r3', identities: ['1'] }
  await addRaise(store(), 'answers', 'a', one)
  await addRaise(store(), 'answers', 'a', two)
  await addRaise(store(), 'answers', 'b', two)
  expect(await readRaises(store(), 'answers', 'a')).toEqual([one, two])
  expect(await readRaises(store(), 'answers', 'b')).toEqual([two])
})

test('a run raises numbers once, however often it is started', async () => {
  await addRaise(store(), 'answers', 'a', { run: 'run.r2', identities: ['1'] })
  await addRaise(store(), 'answers', 'a', { run: 'run.r2', identities: ['1', '2'] })
  expect(await readRaises(store(), 'answers', 'a')).toEqual([{ run: 'run.r2', identities: ['1'] }])
})

test('no raise is lost where several come at once', async () => {
  const runs = Array.from({ length: 8 }, (_, index) => `run-${index}`)
  await Promise.all(
    runs.map((run) => addRaise(store(), 'answers', 'a', { run, identities: [run] })),
  )
  const raises = await readRaises(store(), 'answers', 'a')
  expect(raises.map(({ run }) => run).toSorted()).toEqual(runs)
})

test('an epoch is 0 until it is moved, and moves once for each run', async () => {
  expect(await readEpoch(store(), 'answers')).toBe(0)
  expect(await moveEpoch(store(), 'answers', 'one')).toBe(1)
  expect(await moveEpoch(store(), 'answers', 'one')).toBe(1)
  const moved = await Promise.all(
    ['two', 'three', 'four'].map((run) => moveEpoch(store(), 'answers', run)),
  )
  expect(moved.toSorted((a, b) => a - b)).toEqual([2, 3, 4])
  expect(await readEpoch(store(), 'answers')).toBe(4)
  expect(await readEpoch(store(), 'others')).toBe(0)
})
