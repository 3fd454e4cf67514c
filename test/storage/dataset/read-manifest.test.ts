import { expect, test } from 'vitest'

import { commitDataset } from '../../../src/storage/dataset/commit-dataset.ts'
import { readManifest } from '../../../src/storage/dataset/read-manifest.ts'
import { createFileStore } from '../../../src/storage/file-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { testFolder } from '../parquet/part-folder.ts'
import { exampleManifest } from './example-dataset.ts'

async function testStore(): Promise<Store> {
  return createFileStore(await testFolder())
}

test('a dataset that is not there is told with those that are', async () => {
  const store = await testStore()
  await expect(readManifest(store, 'answers')).rejects.toMatchObject({
    code: 'dataset-missing',
    message: `There is no dataset 'answers' in ${store.uri}. It holds none yet.`,
  })
  await commitDataset(store, exampleManifest(), () => '')
  await expect(readManifest(store, 'others')).rejects.toMatchObject({
    message: `There is no dataset 'others' in ${store.uri}. Datasets there: 'answers'.`,
  })
  await expect(readManifest(store, 'answers', 'run-2')).rejects.toMatchObject({
    message: `Dataset 'answers' in ${store.uri} has no version 'run-2'. Versions there: 'run-1'.`,
  })
})

test.each([
  ['{"format":2}', 'store-newer'],
  ['{"format":1', 'store-corrupt'],
  ['[]', 'store-corrupt'],
  ['{"format":1}', 'store-corrupt'],
])('a manifest %s is refused as %s', async (text, code) => {
  const store = await testStore()
  await store.put('datasets/answers/run-1/dataset.json', new TextEncoder().encode(text))
  await expect(readManifest(store, 'answers', 'run-1')).rejects.toMatchObject({ code })
})

test('a manifest from before costs were kept says that its cost is not known', async () => {
  const store = await testStore()
  const { costUsd: _, ...earlier } = exampleManifest()
  const bytes = new TextEncoder().encode(JSON.stringify(earlier))
  await store.put('datasets/answers/run-1/dataset.json', bytes)
  expect((await readManifest(store, 'answers', 'run-1')).costUsd).toBeNull()
})
