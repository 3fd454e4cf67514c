import { randomBytes } from 'node:crypto'
import { utimes } from 'node:fs/promises'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compactJournal } from '../../../src/storage/journal/compact-journal.ts'
import { filesFolder, segmentsFolder } from '../../../src/storage/journal/journal-keys.ts'
import type { Journal, JournalEntry } from '../../../src/storage/journal/journal.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import { readJournalUsage } from '../../../src/storage/journal/read-journal-usage.ts'
import { removableJournalObjects } from '../../../src/storage/journal/removable-journal-objects.ts'
import type { Store } from '../../../src/storage/store.ts'
import { entriesOf, entryOf, hashOf, segmentName, storeSegment } from './journal-entries.ts'
import { makeStore } from './make-store.ts'
import { watchStore } from './watched-store.ts'

const eager = { minSegments: 2, minFiles: 2 }

async function keysIn(store: Store, folder: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(folder))).map(({ key }) => key)
}

async function storeSegments(store: Store, count: number, answers: number): Promise<void> {
  for (let number = 0; number < count; number += 1)
    await storeSegment(store, 'p', segmentName(number), entriesOf(answers, number * answers))
}

async function clean(store: Store): Promise<void> {
  const late = Date.now() + 60_000
  for (const { key } of await removableJournalObjects(store, 'p', 0, late)) await store.delete(key)
}

const segment = fc.record({
  entries: fc.array(
    fc.record({
      request: fc.integer({ min: 0, max: 150 }),
      position: fc.integer({ min: 0, max: 40 }),
      run: fc.constantFrom('run-1', 'run-2', '__proto__'),
      budgetBlock: fc.constantFrom(null, 'block-1', 'block-2'),
      costNanoUsd: fc.constantFrom(null, 100),
    }),
    { minLength: 1, maxLength: 150 },
  ),
  time: fc.integer({ min: 0, max: 20 }),
})
const action = fc.oneof(
  { weight: 4, arbitrary: segment },
  { weight: 2, arbitrary: fc.constantFrom('compact', 'compact twice', 'refresh', 'find') },
  { weight: 1, arbitrary: fc.constantFrom('crash', 'clean') },
)

test('however answers were split and merged, everybody finds the same and counts each once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 20 }), async (actions) => {
      const store = await makeStore()
      const early = await openJournal(store, 'p', { keptBlockBytes: 1 })
      const stored: { readonly name: string; readonly entries: readonly JournalEntry[] }[] = []
      for (const [number, act] of actions.entries()) {
        if (act === 'compact') await compactJournal(store, 'p', eager)
        else if (act === 'compact twice')
          await Promise.all([
            compactJournal(store, 'p', eager),
            compactJournal(store, 'p', { ...eager, mostAtOnce: 3 }),
          ])
        else if (act === 'crash') await crashWhileCompacting(store)
        else if (act === 'clean') await clean(store)
        else if (act === 'refresh') await early.refresh()
        else if (act === 'find') await findAll(early)
        else {
          const name = segmentName(act.time, `w${number}`)
          const entries = act.entries.map(({ request, ...change }, index) =>
            entryOf(request, { ...change, text: `${name} ${index}` }),
          )
          await storeSegment(store, 'p', name, entries)
          stored.push({ name, entries })
        }
      }
      const expected = winnersOf(stored)
      await early.refresh()
      for (const journal of [early, await openJournal(store, 'p')])
        expect(await findAll(journal)).toEqual(expected)
      expect(early.stats()).toMatchObject({ answers: expected.size, damaged: [] })
      const all = stored.flatMap(({ entries }) => entries)
      const usage = await readJournalUsage(store, 'p')
      for (const run of ['run-1', 'run-2', '__proto__']) {
        const paid = all.filter((entry) => entry.run === run)
        const inBlock = paid.filter(({ budgetBlock }) => budgetBlock === 'block-2')
        expect(usage.get(run)?.calls ?? 0).toBe(paid.length)
        expect(usage.get(run)?.budgetBlocks.get('block-2')?.calls ?? 0).toBe(inBlock.length)
      }
    }),
    { numRuns: 60 },
  )
}, 120_000)

/** Of several answers to a request, the first of the segment whose name is smallest. */
function winnersOf(
  stored: readonly { readonly name: string; readonly entries: readonly JournalEntry[] }[],
): Map<string, JournalEntry> {
  const winners = new Map<string, JournalEntry>()
  for (const { entries } of stored.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    for (const entry of entries) if (!winners.has(entry.hash)) winners.set(entry.hash, entry)
  return winners
}

async function findAll(journal: Journal): Promise<ReadonlyMap<string, JournalEntry>> {
  return await journal.find(Array.from({ length: 160 }, (_, request) => hashOf(request)))
}

async function crashWhileCompacting(store: Store): Promise<void> {
  let reads = 0
  const crashing = watchStore(store, ({ method }) => {
    if (method === 'getRange' && ++reads > 5) throw new Error('The machine is gone.')
  })
  await compactJournal(crashing, 'p', eager).catch(() => {})
}

test('a file’s answers are in the order of positions', async () => {
  const store = await makeStore()
  // Row by row over sixteen segments, as lanes that run side by side leave them.
  for (let number = 0; number < 16; number += 1)
    await storeSegment(
      store,
      'p',
      segmentName(number),
      Array.from({ length: 256 }, (_, index) => entryOf(index * 16 + number)),
    )
  await compactJournal(store, 'p')
  let reads = 0
  const journal = await openJournal(
    watchStore(store, ({ method }) => void (method === 'getRange' && (reads += 1))),
    'p',
  )
  reads = 0
  for (let from = 0; from < 4_096; from += 64)
    await journal.find(Array.from({ length: 64 }, (_, row) => hashOf(from + row)))
  expect(reads).toBe(64)
})

test('too few segments are left alone, and so are segments that a file holds', async () => {
  const store = await makeStore()
  const nothing = { files: 0, segments: 0, answers: 0 }
  await storeSegments(store, 15, 10)
  expect(await compactJournal(store, 'p')).toEqual(nothing)
  await storeSegments(store, 16, 10)
  expect(await compactJournal(store, 'p')).toEqual({ files: 1, segments: 16, answers: 160 })
  expect(await compactJournal(store, 'p')).toEqual(nothing)
  expect(await keysIn(store, segmentsFolder('p'))).toHaveLength(16)
})

test('small files become one, and large ones stay', async () => {
  const store = await makeStore()
  for (let number = 0; number < 9; number += 1) {
    const answers = number === 0 ? 300 : 20
    for (const half of [0, 1])
      await storeSegment(
        store,
        'p',
        segmentName(number * 2 + half),
        entriesOf(answers / 2, number * 1_000 + half * 500),
      )
    await compactJournal(store, 'p', { minSegments: 2, smallFile: 200 })
  }
  const files = await Array.fromAsync(store.list(filesFolder('p')))
  expect(files).toHaveLength(10)
  let reads = 0
  const watched = watchStore(store, ({ method }) => void (method === 'getRange' && (reads += 1)))
  await compactJournal(watched, 'p', { minSegments: 2, smallFile: 200 })
  // The footer of each file, before and after the segments; nothing that was merged is looked at.
  expect(reads).toBe(20)
  const journal = await openJournal(store, 'p')
  // The merged one first; the eight that it was made of are not looked at.
  expect(journal.stats()).toMatchObject({ files: 2, segments: 0, answers: 460 })
})

test('large answers are merged by so many that a block of each fits into memory', async () => {
  const store = await makeStore()
  const large = (number: number) =>
    Array.from({ length: 64 }, (_, index) =>
      entryOf(number * 64 + index, { text: randomBytes(3_000).toString('base64') }),
    )
  for (let number = 0; number < 12; number += 1)
    await storeSegment(store, 'p', segmentName(number), large(number))
  // A block of 64 such answers takes some 200 kB.
  const few = { minSegments: 2, mostBytes: 800_000 }
  expect(await compactJournal(store, 'p', few)).toEqual({ files: 3, segments: 12, answers: 768 })
  const journal = await openJournal(store, 'p')
  expect(journal.stats()).toMatchObject({ answers: 768, files: 3, segments: 0 })
  // However large they are, as many as are worth a file become one.
  const last = Array.from({ length: 3 }, (_, number) => 12 + number)
  for (const number of last) await storeSegment(store, 'p', segmentName(number), large(number))
  const least = { minSegments: 3, mostBytes: 1 }
  expect(await compactJournal(store, 'p', least)).toEqual({ files: 1, segments: 3, answers: 192 })
})

test('two compactions at once write what one would', async () => {
  const store = await makeStore()
  await storeSegments(store, 20, 70)
  const both = await Promise.all([compactJournal(store, 'p'), compactJournal(store, 'p')])
  expect(both.reduce((sum, { files }) => sum + files, 0)).toBe(1)
  expect(await keysIn(store, filesFolder('p'))).toHaveLength(1)
  expect((await readJournalUsage(store, 'p')).get('run-1')?.calls).toBe(1_400)
})

test('what stands in a file that is old enough may go, and nothing else', async () => {
  const store = await makeStore()
  const day = 86_400_000
  const now = Date.now()
  const removable = async () =>
    (await removableJournalObjects(store, 'p', day, now)).map(({ key }) => key)
  const makeOld = async (keys: readonly string[]) => {
    for (const key of keys) await utimes(store.localPath?.(key) ?? '', 1, (now - 2 * day) / 1_000)
  }
  await storeSegments(store, 4, 10)
  const held = await keysIn(store, segmentsFolder('p'))
  await makeOld(held)
  expect(await removable()).toEqual([])
  await compactJournal(store, 'p', { minSegments: 2 })
  expect(await removable()).toEqual([])
  const [file = ''] = await keysIn(store, filesFolder('p'))
  await makeOld([file])
  await storeSegment(store, 'p', segmentName(9), entriesOf(10, 900))
  expect(await removable()).toEqual(held)
  await compactJournal(store, 'p', { minSegments: 1, minFiles: 2 })
  expect(await removable()).toEqual(held)
  await makeOld(await keysIn(store, filesFolder('p')))
  const removed = await removable()
  expect(removed).toContain(file)
  expect(removed).toHaveLength(4 + 2)
})
