import { expect, test } from 'vitest'

import { commitDataset } from '../../../src/storage/dataset/commit-dataset.ts'
import { listDatasets, readManifest } from '../../../src/storage/dataset/read-manifest.ts'
import { createFileStore } from '../../../src/storage/file-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { testFolder } from '../parquet/part-folder.ts'
import { exampleManifest } from './example-dataset.ts'

const card = ({ calls }: { readonly calls: number }): string => `${calls} calls`

async function testStore(): Promise<Store> {
  return createFileStore(await testFolder())
}

async function textOf(store: Store, key: string): Promise<string | undefined> {
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

test('a committed version is found by its name and as the latest, with its card', async () => {
  const store = await testStore()
  const manifest = exampleManifest()
  expect(await commitDataset(store, manifest, card)).toEqual(manifest)
  expect(await readManifest(store, 'answers')).toEqual(manifest)
  expect(await readManifest(store, 'answers', 'run-1')).toEqual(manifest)
  expect(await textOf(store, 'datasets/answers/run-1/README.md')).toBe('12 calls')
  expect(await listDatasets(store)).toEqual([
    { name: 'answers', version: 'run-1', committedAt: expect.any(Date) },
  ])
})

test('nobody sees a version whose manifest is not there', async () => {
  const store = await testStore()
  await store.put('datasets/answers/run-1/README.md', new Uint8Array())
  expect(await listDatasets(store)).toEqual([])
  await expect(readManifest(store, 'answers', 'run-1')).rejects.toMatchObject({
    code: 'dataset-missing',
  })
})

test('a second commit of the same run gets what the first one stored', async () => {
  const store = await testStore()
  const first = await commitDataset(store, exampleManifest(), card)
  const second = await commitDataset(store, exampleManifest({ calls: 99 }), card)
  expect(second).toEqual(first)
  expect(await textOf(store, 'datasets/answers/run-1/README.md')).toBe('12 calls')
})

test('of commits at the same time one wins, and all get that one and its card', async () => {
  const store = await testStore()
  const commits = Array.from({ length: 8 }, (_, calls) =>
    commitDataset(store, exampleManifest({ calls }), card),
  )
  const [first, ...others] = await Promise.all(commits)
  for (const other of others) expect(other).toEqual(first)
  expect(await readManifest(store, 'answers')).toEqual(first)
  expect(await textOf(store, 'datasets/answers/run-1/README.md')).toBe(`${first?.calls} calls`)
})

test('another run cannot commit the same version', async () => {
  const store = await testStore()
  await commitDataset(store, exampleManifest(), card)
  await expect(commitDataset(store, exampleManifest({ run: 'run-2' }), card)).rejects.toMatchObject(
    { code: 'run-foreign' },
  )
})

test('a commit that died before it moved the pointer is finished by the next', async () => {
  const store = await testStore()
  await commitDataset(store, exampleManifest(), card)
  await store.delete('datasets/answers/latest')
  await commitDataset(store, exampleManifest(), card)
  expect((await readManifest(store, 'answers')).version).toBe('run-1')
})

test('the pointer to the latest version never goes back in time', async () => {
  const store = await testStore()
  const commit = (version: string, createdAt: string) =>
    commitDataset(store, exampleManifest({ version, run: version, createdAt }), card)
  await commit('new', '2026-01-03T00:00:00.000Z')
  await commit('old', '2026-01-02T23:00:00.000Z')
  expect((await readManifest(store, 'answers')).version).toBe('new')
  await commit('newer', '2026-01-03T00:00:01.000Z')
  expect((await readManifest(store, 'answers')).version).toBe('newer')
})

test('of many versions committed at the same time the one made last is the latest', async () => {
  const store = await testStore()
  const versions = Array.from({ length: 12 }, (_, index) => `v${index + 10}`)
  await Promise.all(
    versions.map((version, index) =>
      commitDataset(
        store,
        exampleManifest({
          version,
          run: version,
          createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
        }),
        card,
      ),
    ),
  )
  expect((await readManifest(store, 'answers')).version).toBe(versions.at(-1))
  expect(await listDatasets(store)).toHaveLength(12)
})
