import type { JournalEntry } from '../../../src/storage/journal/journal.ts'
import { expect, test } from 'vitest'

import { filesFolder, segmentsFolder } from '../../../src/storage/journal/journal-keys.ts'
import { compactJournal } from '../../../src/storage/journal/compact-journal.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import type { Store } from '../../../src/storage/store.ts'
import { entriesOf, entryOf, hashOf, segmentName, storeSegment } from './journal-entries.ts'
import { makeStore } from './make-store.ts'
import { type StoreCall, watchStore } from './watched-store.ts'

async function makeCountedStore() {
  const calls: StoreCall[] = []
  const store = watchStore(await makeStore(), (call) => void calls.push(call))
  return { store, calls }
}

function textIn(entry: JournalEntry | undefined): string | null | undefined {
  return entry !== undefined && 'choices' in entry.answer
    ? entry.answer.choices[0]?.text
    : undefined
}

async function textOf(store: Store, request: number): Promise<string | null | undefined> {
  const journal = await openJournal(store, 'p')
  const found = await journal.find([hashOf(request)])
  return textIn(found.get(hashOf(request)))
}

test('an answer is found as soon as it was added, and after its flush, without a read', async () => {
  const { store, calls } = await makeCountedStore()
  const journal = await openJournal(store, 'p')
  calls.length = 0
  journal.add(entryOf(1))
  expect((await journal.find([hashOf(1)])).get(hashOf(1))).toEqual(entryOf(1))
  await journal.flush()
  expect((await journal.find([hashOf(1), hashOf(2)])).get(hashOf(1))).toEqual(entryOf(1))
  expect(calls.map(({ method }) => method)).toEqual(['putIfAbsent'])
})

test('what one journal stored another finds once it has looked', async () => {
  const store = await makeStore()
  const [writer, reader] = [await openJournal(store, 'p'), await openJournal(store, 'p')]
  const entries = entriesOf(300)
  for (const entry of entries) writer.add(entry)
  await writer.flush()
  const hashes = entries.map(({ hash }) => hash)
  expect((await reader.find(hashes)).size).toBe(0)
  await reader.refresh()
  expect([...(await reader.find(hashes)).values()]).toEqual(expect.arrayContaining(entries))
  expect((await (await openJournal(store, 'other')).find(hashes)).size).toBe(0)
})

test('looking costs two listings where nothing came, and all who look at once share them', async () => {
  const { store, calls } = await makeCountedStore()
  await storeSegment(store, 'p', segmentName(1), entriesOf(10))
  await store.put(`${segmentsFolder('p')}${segmentName(2)}`, Buffer.from('torn'))
  const journal = await openJournal(store, 'p')
  calls.length = 0
  await journal.refresh()
  expect(calls.map(({ key }) => key)).toEqual([segmentsFolder('p'), filesFolder('p')])
  await Promise.all(Array.from({ length: 10 }, () => journal.refresh()))
  // One is under way when the others ask; what came since then a second one finds for them all.
  expect(calls).toHaveLength(6)
})

test('a segment of a thousand answers is learnt of in one read', async () => {
  const { store, calls } = await makeCountedStore()
  await storeSegment(store, 'p', segmentName(1), entriesOf(1_000))
  calls.length = 0
  await openJournal(store, 'p')
  expect(calls.filter(({ method }) => method === 'getRange')).toHaveLength(1)
})

test('of several answers to a request everybody finds that of the first segment', async () => {
  const store = await makeStore()
  const early = await openJournal(store, 'p')
  await storeSegment(store, 'p', segmentName(5), [entryOf(1, { text: 'five' })])
  await early.refresh()
  await storeSegment(store, 'p', segmentName(9), [entryOf(1, { text: 'nine' })])
  await early.refresh()
  await storeSegment(store, 'p', segmentName(3), [entryOf(1, { text: 'three' })])
  await early.refresh()
  const found = await early.find([hashOf(1)])
  expect(textIn(found.get(hashOf(1)))).toBe('three')
  expect(await textOf(store, 1)).toBe('three')
  expect(early.stats()).toMatchObject({ answers: 1, segments: 3 })
})

test('of several answers to a request in one segment the first one stays', async () => {
  const store = await makeStore()
  const journal = await openJournal(store, 'p')
  for (const text of ['first', 'second']) journal.add(entryOf(1, { text }))
  expect((await journal.find([hashOf(1)])).get(hashOf(1))).toEqual(entryOf(1, { text: 'first' }))
  await journal.flush()
  expect(await textOf(store, 1)).toBe('first')
})

test('who asks for one block at once waits for one read', async () => {
  const { store, calls } = await makeCountedStore()
  await storeSegment(store, 'p', segmentName(1), entriesOf(64))
  const journal = await openJournal(store, 'p')
  calls.length = 0
  const found = await Promise.all(
    Array.from({ length: 64 }, (_, request) => journal.find([hashOf(request)])),
  )
  expect(found.map((entries) => [...entries.values()])).toEqual(
    entriesOf(64).map((entry) => [entry]),
  )
  expect(calls).toHaveLength(1)
})

test('a read that failed is made again', async () => {
  let failures = 1
  const store = watchStore(await makeStore(), ({ method }) => {
    if (method === 'getRange' && failures-- === 0) throw new Error('The connection was lost.')
  })
  await storeSegment(store, 'p', segmentName(1), entriesOf(10))
  const journal = await openJournal(store, 'p')
  await expect(journal.find([hashOf(1)])).rejects.toThrow('connection')
  expect((await journal.find([hashOf(1)])).size).toBe(1)
})

test('a batch of 50 rows costs at most two reads, and 100,000 rows one read per 64', async () => {
  const { store, calls } = await makeCountedStore()
  const rows = 100_000
  for (let from = 0; from < rows; from += 1_000)
    await storeSegment(store, 'p', segmentName(from), entriesOf(1_000, from))
  expect(await compactJournal(store, 'p')).toEqual({ files: 1, segments: 100, answers: rows })
  const journal = await openJournal(store, 'p')
  expect(journal.stats()).toMatchObject({ answers: rows, files: 1, segments: 0 })
  expect(journal.stats().indexBytes).toBeLessThan(rows * 40)
  calls.length = 0
  let found = 0
  let most = 0
  for (let from = 0; from < rows; from += 50) {
    const before = calls.length
    found += (await journal.find(Array.from({ length: 50 }, (_, row) => hashOf(from + row)))).size
    most = Math.max(most, calls.length - before)
  }
  expect(found).toBe(rows)
  expect(most).toBeLessThanOrEqual(2)
  expect(calls.length).toBeLessThanOrEqual(Math.ceil(rows / 64))
}, 60_000)

test('an object that was merged and removed behind a reader’s back costs no answer', async () => {
  const store = await makeStore()
  const keys: string[] = []
  for (let number = 0; number < 4; number += 1)
    keys.push(await storeSegment(store, 'p', segmentName(number), entriesOf(100, number * 100)))
  const hashes = entriesOf(400).map(({ hash }) => hash)
  const early = await openJournal(store, 'p')
  await compactJournal(store, 'p', { minSegments: 2 })
  for (const key of keys) await store.delete(key)
  expect((await early.find(hashes)).size).toBe(400)
  expect(early.stats()).toMatchObject({ files: 1, segments: 0, damaged: [] })
})

test('a file takes over the segments that it holds once it is learnt of', async () => {
  const { store, calls } = await makeCountedStore()
  for (let number = 0; number < 4; number += 1)
    await storeSegment(store, 'p', segmentName(number), entriesOf(100, number * 100))
  const journal = await openJournal(store, 'p')
  expect(journal.stats()).toMatchObject({ files: 0, segments: 4, answers: 400 })
  const before = journal.stats().indexBytes
  await compactJournal(store, 'p', { minSegments: 2 })
  await journal.refresh()
  expect(journal.stats()).toMatchObject({ files: 1, segments: 0, answers: 400 })
  expect(journal.stats().indexBytes).toBeLessThan(before)
  calls.length = 0
  expect((await journal.find(entriesOf(400).map(({ hash }) => hash))).size).toBe(400)
  expect(calls.map(({ key }) => key.startsWith(filesFolder('p')))).toEqual([true])
})

test('files that were merged and removed behind a reader’s back cost no answer', async () => {
  const store = await makeStore()
  for (const half of [0, 1]) {
    for (let number = half * 4; number < half * 4 + 4; number += 1)
      await storeSegment(store, 'p', segmentName(number), entriesOf(100, number * 100))
    await compactJournal(store, 'p', { minSegments: 2 })
  }
  const small = await Array.fromAsync(store.list(filesFolder('p')))
  const journal = await openJournal(store, 'p')
  await compactJournal(store, 'p', { minFiles: 2 })
  await journal.refresh()
  for (const { key } of small) await store.delete(key)
  const hashes = entriesOf(800).map(({ hash }) => hash)
  const found = await Promise.all([journal.find(hashes), journal.find(hashes)])
  expect(found.map(({ size }) => size)).toEqual([800, 800])
  expect(journal.stats()).toMatchObject({ files: 1, segments: 0, answers: 800, damaged: [] })
})

test('a request whose hash begins like that of another one is not answered by it', async () => {
  const store = await makeStore()
  const hash = hashOf(1)
  const similar = `${hash.slice(0, 31)}${hash.endsWith('0') ? '1' : '0'}`
  await storeSegment(store, 'p', segmentName(1), entriesOf(10))
  const journal = await openJournal(store, 'p')
  expect([...(await journal.find([hash, similar])).keys()]).toEqual([hash])
  expect(journal.stats().damaged).toEqual([])
})
