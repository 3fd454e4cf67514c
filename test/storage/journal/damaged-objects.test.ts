import { expect, test } from 'vitest'

import { encodeSegment } from '../../../src/storage/journal/encode-segment.ts'
import { compactJournal } from '../../../src/storage/journal/compact-journal.ts'
import { segmentsFolder } from '../../../src/storage/journal/journal-keys.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import { readJournalUsage } from '../../../src/storage/journal/read-journal-usage.ts'
import { entriesOf, entryOf, hashOf, segmentName, storeSegment } from './journal-entries.ts'
import { makeStore } from './make-store.ts'

const name = segmentName(1)

test('a segment that was cut off anywhere is passed over and told', async () => {
  const store = await makeStore()
  const { bytes } = await encodeSegment(name, entriesOf(3))
  for (let length = 0; length < bytes.length; length += 1) {
    const pipeline = `cut-${length}`
    const key = `${segmentsFolder(pipeline)}${name}`
    await store.put(key, bytes.subarray(0, length))
    const journal = await openJournal(store, pipeline)
    expect((await journal.find([0, 1, 2].map(hashOf))).size).toBe(0)
    expect(journal.stats()).toMatchObject({
      answers: 0,
      damaged: [{ key, reason: expect.stringContaining('passed over') }],
    })
    await journal.refresh()
    expect(journal.stats().damaged).toHaveLength(1)
  }
}, 60_000)

test('a byte that changed anywhere never makes another answer', async () => {
  const store = await makeStore()
  const entries = entriesOf(3)
  const { bytes } = await encodeSegment(name, entries)
  for (let index = 0; index < bytes.length; index += 1) {
    const pipeline = `changed-${index}`
    const damaged = Uint8Array.from(bytes)
    damaged[index] = (damaged[index] ?? 0) ^ 0b0100_0001
    await store.put(`${segmentsFolder(pipeline)}${name}`, damaged)
    const journal = await openJournal(store, pipeline)
    const found = await journal.find(entries.map(({ hash }) => hash))
    for (const [hash, entry] of found)
      expect(entry).toEqual(entries.find((given) => given.hash === hash))
    expect([found.size, journal.stats().damaged.length]).toEqual([0, 1])
  }
}, 60_000)

test('a damaged block makes only its own answers unknown, and is told once', async () => {
  const store = await makeStore()
  const entries = entriesOf(200)
  const key = await storeDamaged(1)
  const hashes = entries.map(({ hash }) => hash)
  const journal = await openJournal(store, 'p')
  expect(journal.stats().damaged).toEqual([])
  for (let time = 0; time < 2; time += 1) {
    const found = await journal.find(hashes)
    expect([...found.keys()]).toEqual([...hashes.slice(0, 64), ...hashes.slice(128)])
  }
  expect(journal.stats().damaged).toEqual([
    { key, reason: expect.stringMatching(/^block 1 cannot be read: /) },
  ])

  async function storeDamaged(block: number): Promise<string> {
    const { bytes, footer } = await encodeSegment(name, entries)
    const start = footer.blocks.slice(0, block).reduce((sum, length) => sum + length, 0)
    const damaged = Uint8Array.from(bytes)
    damaged.fill(0, start, start + 100)
    await store.put(`${segmentsFolder('p')}${name}`, damaged)
    return `${segmentsFolder('p')}${name}`
  }
})

test('what a damaged block held is answered by a later answer, for everybody', async () => {
  const store = await makeStore()
  const { bytes } = await encodeSegment(name, entriesOf(3))
  await store.put(`${segmentsFolder('p')}${name}`, Uint8Array.from(bytes).fill(0, 0, 50))
  const journal = await openJournal(store, 'p')
  expect((await journal.find([hashOf(1)])).size).toBe(0)
  journal.add(entryOf(1, { text: 'later' }))
  for (const reader of [journal, journal, await reopened(), await reopened()])
    expect((await reader.find([hashOf(1)])).get(hashOf(1))).toEqual(entryOf(1, { text: 'later' }))

  async function reopened() {
    await journal.flush()
    return await openJournal(store, 'p')
  }
})

test('an object that something else wrote is passed over and told', async () => {
  const store = await makeStore()
  const folder = segmentsFolder('p')
  await store.put(`${folder}notes.txt`, Buffer.from('What I meant to do about the journal.'))
  await store.put(`${folder}${segmentName(2)}`, (await encodeSegment(name, entriesOf(3))).bytes)
  const { bytes } = await encodeSegment(segmentName(3), entriesOf(3))
  await store.put(`${folder}${segmentName(3)}`, Buffer.concat([Buffer.from('More.'), bytes]))
  const { answers, damaged } = (await openJournal(store, 'p')).stats()
  expect(answers).toBe(0)
  expect(damaged.map(({ key }) => key).toSorted()).toEqual(
    [segmentName(2), segmentName(3), 'notes.txt'].map((name) => `${folder}${name}`),
  )
})

test('damaged segments are left out of files, and what of them can be read still answers', async () => {
  const store = await makeStore()
  for (let number = 0; number < 6; number += 1)
    await storeSegment(store, 'p', segmentName(number), entriesOf(100, number * 100))
  const { bytes } = await encodeSegment(segmentName(7), entriesOf(100, 700))
  await store.put(`${segmentsFolder('p')}${segmentName(7)}`, Uint8Array.from(bytes).fill(0, 0, 9))
  await store.put(`${segmentsFolder('p')}${segmentName(8)}`, Buffer.from('torn'))
  expect(await compactJournal(store, 'p', { minSegments: 2 })).toEqual({
    files: 1,
    segments: 6,
    answers: 600,
  })
  const journal = await openJournal(store, 'p')
  expect(journal.stats()).toMatchObject({ files: 1, segments: 1, answers: 700 })
  const found = await journal.find(entriesOf(800).map(({ hash }) => hash))
  expect(found.size).toBe(600 + 36)
  expect((await readJournalUsage(store, 'p')).get('run-1')?.calls).toBe(700)
})
