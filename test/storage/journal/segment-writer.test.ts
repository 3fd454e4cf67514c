import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import { readJournalUsage } from '../../../src/storage/journal/read-journal-usage.ts'
import type { Store } from '../../../src/storage/store.ts'
import { FakeClock, settle } from '../../models/fake-clock.ts'
import { waitUntil } from '../../e2e/wait-until.ts'
import { entriesOf, entryOf, hashOf } from './journal-entries.ts'
import { makeStore } from './make-store.ts'
import { watchStore } from './watched-store.ts'

async function keysIn(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

/** A store that refuses writes while it is told to. */
async function makeRefusingStore() {
  const store = await makeStore()
  const state = { refusal: undefined as RetortError | undefined, writes: 0 }
  const refusing = watchStore(store, ({ method }) => {
    if (method !== 'putIfAbsent') return
    state.writes += 1
    if (state.refusal !== undefined) throw state.refusal
  })
  return { store: refusing, state }
}

const away = new RetortError('store-unavailable', 'The store is away.')
const full = new RetortError('store-full', 'The disk is full.')

test('256 answers are stored at once, fewer 0.8 seconds after the first of them', async () => {
  const store = await makeStore()
  const clock = new FakeClock()
  const journal = await openJournal(store, 'p', { clock, writer: 'w' })
  for (const entry of entriesOf(256)) journal.add(entry)
  await waitUntil(() => journal.stats().unstored === 0, 'a stored segment')
  journal.add(entryOf(1_000))
  await clock.advance(600)
  journal.add(entryOf(1_001))
  await clock.advance(199)
  expect(journal.stats().unstored).toBe(2)
  await clock.advance(1)
  await waitUntil(() => journal.stats().unstored === 0, 'a second stored segment')
  expect(await keysIn(store)).toEqual([
    'pipelines/p/journal/segments/0000001000000-w-0000',
    'pipelines/p/journal/segments/0000001000800-w-0000',
  ])
  expect(clock.timers).toBe(0)
})

test('adding holds nobody up while the store is slow, and later answers are stored beside', async () => {
  const opened = Promise.withResolvers<void>()
  const store = watchStore(await makeStore(), async ({ method }) => {
    if (method === 'putIfAbsent') await opened.promise
  })
  const journal = await openJournal(store, 'p', { clock: new FakeClock() })
  for (const entry of entriesOf(2_048)) journal.add(entry)
  await journal.ready()
  expect((await journal.find([hashOf(7)])).get(hashOf(7))).toEqual(entryOf(7))
  journal.add(entryOf(5_000))
  const ready = journal.ready().then(() => journal.stats().unstored)
  expect(await Promise.race([ready, settle()])).toBe(undefined)
  opened.resolve()
  expect(await ready).toBeLessThanOrEqual(2_048)
  await journal.flush()
  expect(journal.stats()).toMatchObject({ unstored: 0, answers: 2_049 })
})

test('calls wait while an answer older than five seconds is not stored', async () => {
  const { store, state } = await makeRefusingStore()
  const clock = new FakeClock()
  const journal = await openJournal(store, 'p', { clock })
  state.refusal = away
  journal.add(entryOf(1))
  await clock.advance(4_900)
  await journal.ready()
  await clock.advance(200)
  const ready = journal.ready()
  expect(await Promise.race([ready.then(() => 'ready'), settle()])).toBe(undefined)
  expect(state.writes).toBeGreaterThan(2)
  state.refusal = undefined
  await clock.advance(5_000)
  await ready
  await waitUntil(() => journal.stats().unstored === 0, 'the stored answer')
})

test('what was added while the store was away is stored once it is back', async () => {
  const { store, state } = await makeRefusingStore()
  const clock = new FakeClock()
  const journal = await openJournal(store, 'p', { clock })
  state.refusal = away
  for (const entry of entriesOf(3_000)) journal.add(entry)
  for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000)
  expect(journal.stats().unstored).toBe(3_000)
  const flushed = journal.flush()
  state.refusal = undefined
  await waitUntil(async () => {
    await clock.advance(5_000)
    return journal.stats().unstored === 0
  }, 'a stored journal')
  await flushed
  const other = await openJournal(store, 'p')
  expect((await other.find(entriesOf(3_000).map(({ hash }) => hash))).size).toBe(3_000)
})

test('a store that is full is told to who asks, and tried again each time', async () => {
  const { store, state } = await makeRefusingStore()
  const journal = await openJournal(store, 'p', { clock: new FakeClock() })
  state.refusal = full
  for (const entry of entriesOf(10)) journal.add(entry)
  await expect(journal.flush()).rejects.toMatchObject({ code: 'store-full' })
  const before = state.writes
  const asked = await Promise.allSettled([journal.ready(), journal.ready(), journal.ready()])
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(state.writes).toBe(before + 1)
  expect((await journal.find([hashOf(3)])).size).toBe(1)
  state.refusal = undefined
  await journal.ready()
  expect(journal.stats()).toMatchObject({ unstored: 0, answers: 10 })
})

test('a segment whose write went through although it failed is stored and counted once', async () => {
  const store = await makeStore()
  let losses = 1
  const losing: Store = {
    ...watchStore(store, () => {}),
    putIfAbsent: async (key, bytes) => {
      const isFirst = await store.putIfAbsent(key, bytes)
      losses -= 1
      if (losses >= 0) throw away
      return isFirst
    },
  }
  const clock = new FakeClock()
  const journal = await openJournal(losing, 'p', { clock })
  for (const entry of entriesOf(20)) journal.add(entry)
  const flushed = journal.flush()
  await waitUntil(async () => {
    await clock.advance(1_000)
    return journal.stats().unstored === 0
  }, 'a stored segment')
  await flushed
  expect(await keysIn(store)).toHaveLength(1)
  expect((await readJournalUsage(store, 'p')).get('run-1')).toMatchObject({ calls: 20 })
})

test('segments of one name do not take each other’s place', async () => {
  const store = await makeStore()
  const clock = new FakeClock()
  const options = { clock, writer: 'same' }
  const journals = await Promise.all([1, 2, 3].map(() => openJournal(store, 'p', options)))
  for (const [index, journal] of journals.entries()) journal.add(entryOf(index))
  await Promise.all(journals.map((journal) => journal.flush()))
  expect(await keysIn(store)).toHaveLength(3)
  const journal = await openJournal(store, 'p')
  expect((await journal.find([0, 1, 2].map(hashOf))).size).toBe(3)
})

test('closing stores what is left and ends the timers', async () => {
  const store = await makeStore()
  const clock = new FakeClock()
  const journal = await openJournal(store, 'p', { clock })
  journal.add(entryOf(1))
  await journal.close()
  expect(clock.timers).toBe(0)
  expect((await (await openJournal(store, 'p')).find([hashOf(1)])).size).toBe(1)
})
