import { afterAll, beforeAll, expect, test } from 'vitest'

import { compactJournal } from '../../../src/storage/journal/compact-journal.ts'
import { filesFolder, segmentsFolder } from '../../../src/storage/journal/journal-keys.ts'
import { openJournal } from '../../../src/storage/journal/open-journal.ts'
import { readJournalUsage } from '../../../src/storage/journal/read-journal-usage.ts'
import { createS3Store } from '../../../src/storage/s3-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { type S3Server, startS3Server } from '../../servers/versitygw.ts'
import { entriesOf, hashOf } from './journal-entries.ts'

let server: S3Server
let store: Store
beforeAll(async () => {
  server = await startS3Server()
  await server.createBucket('tests')
  const { endpoint, credentials } = server
  store = await createS3Store({ bucket: 'tests', prefix: 'journal', endpoint, credentials })
}, 600_000)
afterAll(async () => {
  await store.close?.()
  await server.stop()
})

test('a journal in S3 is written by two, merged by two and read while its segments go', async () => {
  const journals = await Promise.all([openJournal(store, 'p'), openJournal(store, 'p')])
  const hashes = Array.from({ length: 4_000 }, (_, request) => hashOf(request))
  for (let from = 0; from < 4_000; from += 100)
    await Promise.all(
      journals.map(async (journal, half) => {
        for (const entry of entriesOf(50, from + half * 50)) journal.add(entry)
        await journal.flush()
      }),
    )
  await Promise.all(journals.map((journal) => journal.refresh()))
  expect(journals.map((journal) => journal.stats())).toMatchObject([
    { answers: 4_000, segments: 80, files: 0 },
    { answers: 4_000, segments: 80, files: 0 },
  ])
  const merged = await Promise.all([compactJournal(store, 'p'), compactJournal(store, 'p')])
  expect(merged.map(({ segments }) => segments)).toEqual([80, 80])
  for await (const { key } of store.list(segmentsFolder('p'))) await store.delete(key)
  expect(await Array.fromAsync(store.list(filesFolder('p')))).toHaveLength(1)
  for (const journal of [...journals, await openJournal(store, 'p')]) {
    const found = await journal.find(hashes)
    expect([...found.values()].toSorted((a, b) => a.position - b.position)).toEqual(
      entriesOf(4_000),
    )
    expect(journal.stats().damaged).toEqual([])
  }
  expect((await readJournalUsage(store, 'p')).get('run-1')).toMatchObject({
    calls: 4_000,
    inputTokens: 40_000,
  })
}, 60_000)
