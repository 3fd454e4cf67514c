import { expect, test } from 'vitest'

import { cleanStore, planCleaning } from '../../src/client/clean-store.ts'
import type { RunPlace } from '../../src/client/start-workflow.ts'
import type { Store } from '../../src/storage/store.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const day = 86_400_000

/** A store on a server that has no run, with some objects of these ages in milliseconds. */
async function placeWith(ages: Readonly<Record<string, number>>): Promise<RunPlace> {
  const stored = createMemoryStore()
  for (const key of Object.keys(ages)) await stored.put(key, Buffer.from('{}'))
  const store: Store = {
    ...stored,
    async *list(prefix) {
      for await (const info of stored.list(prefix))
        yield { ...info, modified: new Date(Date.now() - (ages[info.key] ?? 0)) }
    },
  }
  // Of a client cleaning needs no more.
  const client = { workflow: { list: async function* () {} } } as unknown as RunPlace['client']
  return { client, store, storeId: 'store' }
}

test('the rows of a global step stay whole as long as any of them is young', async () => {
  const set = 'pipelines/p/sets/s/1'
  const old = 'pipelines/p/sets/s/2'
  const place = await placeWith({
    [`${set}/rows/0000-000000-a`]: 2 * day,
    [`${set}/manifest.json`]: day / 2,
    [`${old}/rows/0000-000000-a`]: 2 * day,
    [`${old}/manifest.json`]: 2 * day,
  })
  const removals = await planCleaning(place)
  expect(removals.map(({ key }) => key).toSorted()).toEqual([
    `${old}/manifest.json`,
    `${old}/rows/0000-000000-a`,
  ])
})

test('what makes rows complete is removed before them, so that cleaning may be interrupted', async () => {
  const keys = [
    'pipelines/p/sets/s/1/fingerprints/0000-a',
    'pipelines/p/sets/s/1/manifest.json',
    'sources/a/identities-a',
    'sources/a/manifest.json',
  ]
  const place = await placeWith(Object.fromEntries(keys.map((key) => [key, 2 * day])))
  const removed: string[] = []
  const store: Store = { ...place.store, delete: async (key) => void removed.push(key) }
  await cleanStore(store, await planCleaning(place))
  expect(removed.slice(0, 2).toSorted()).toEqual(keys.filter((key) => key.endsWith('.json')))
  expect(removed.toSorted()).toEqual(keys)
})

test('jobs that were read a day ago go, and what is under way or young stays', async () => {
  const folder = 'pipelines/p/journal'
  const read = [`${folder}/intents/read/end.json`, `${folder}/intents/read/intent.json`]
  const place = await placeWith({
    ...Object.fromEntries(read.map((key) => [key, 2 * day])),
    [`${folder}/intents/going/intent.json`]: 2 * day,
    [`${folder}/intents/young/intent.json`]: 2 * day,
    [`${folder}/intents/young/end.json`]: 1,
    [`${folder}/requests/old`]: 2 * day,
    [`${folder}/requests/young`]: 1,
  })
  const removals = await planCleaning(place)
  expect(removals.map(({ key }) => key).toSorted()).toEqual([...read, `${folder}/requests/old`])
  expect(new Set(removals.map(({ kind }) => kind))).toEqual(new Set(['jobs']))
})
