import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test, vi } from 'vitest'

import { commitDataset } from '../../../src/storage/dataset/commit-dataset.ts'
import type { DatasetManifest } from '../../../src/storage/dataset/dataset-manifest.ts'
import { describeLeaf } from '../../../src/storage/dataset/dataset-manifest.ts'
import { openDataset } from '../../../src/storage/dataset/open-dataset.ts'
import { createFileStore } from '../../../src/storage/file-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { collect, query, testFolder } from '../parquet/part-folder.ts'
import { exampleRejection, exampleRow, writeExample } from './example-dataset.ts'

interface Example {
  readonly folder: string
  readonly store: Store
  readonly manifest: DatasetManifest
}

async function commitExample(): Promise<Example> {
  const folder = await testFolder()
  const store = createFileStore(folder)
  const manifest = await commitDataset(store, await writeExample(store), () => '')
  return { folder, store, manifest }
}

test('all rows come back in order, over several parts', async () => {
  const { store, manifest } = await commitExample()
  const dataset = await openDataset(store, 'answers')
  expect(dataset.manifest).toEqual(manifest)
  const rows = await collect(dataset.rows())
  expect(rows).toEqual(Array.from({ length: 5000 }, (_, number) => exampleRow(number)))
})

test('a range of rows is read across the border of two parts', async () => {
  const { store } = await commitExample()
  const dataset = await openDataset<{ number: number }>(store, 'answers', 'run-1')
  const numbers = async (offset: number, limit?: number): Promise<number[]> => {
    const range = limit === undefined ? { offset } : { offset, limit }
    const rows = await collect(dataset.rows({ ...range, leaf: 'answer' }))
    return rows.map((row) => row.number)
  }
  expect(await numbers(2998, 4)).toEqual([2998, 2999, 3000, 3001])
  expect(await numbers(0, 2)).toEqual([0, 1])
  expect(await numbers(4999)).toEqual([4999])
  expect(await numbers(5000)).toEqual([])
  expect(await numbers(0, 0)).toEqual([])
})

test('only the parts that a range touches are read', async () => {
  const { store, manifest } = await commitExample()
  await store.delete(manifest.leaves[0]?.parts[0]?.key ?? '')
  const dataset = await openDataset(store, 'answers')
  expect(await collect(dataset.rows({ offset: 4998 }))).toEqual([
    exampleRow(4998),
    exampleRow(4999),
  ])
})

test('a store without local files is read through a temporary file that goes away', async () => {
  const { store } = await commitExample()
  const remote: Store = {
    uri: 's3://bucket',
    get: (key) => store.get(key),
    getVersioned: (key) => store.getVersioned(key),
    getRange: (key, from, to) => store.getRange(key, from, to),
    read: (key) => store.read(key),
    head: (key) => store.head(key),
    putIfAbsent: (key, bytes) => store.putIfAbsent(key, bytes),
    writeIfAbsent: (key, pieces) => store.writeIfAbsent(key, pieces),
    compareAndSet: (key, bytes, expected) => store.compareAndSet(key, bytes, expected),
    put: (key, bytes) => store.put(key, bytes),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
  }
  const temporary = await testFolder()
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const dataset = await openDataset(remote, 'answers')
  expect(await collect(dataset.rows({ offset: 2999, limit: 2 }))).toEqual([
    exampleRow(2999),
    exampleRow(3000),
  ])
  for await (const row of dataset.rows()) {
    expect(row).toEqual(exampleRow(0))
    break
  }
  expect(await readdir(temporary)).toEqual([])
})

test('rejected rows keep code, reason, raw answer and the row as it was', async () => {
  const { folder, store, manifest } = await commitExample()
  const dataset = await openDataset(store, 'answers')
  const { identity: _, raw, ...kept } = exampleRejection
  expect(await collect(dataset.rejectedRows())).toEqual([{ ...kept, raw_answer: raw }])
  const file = join(folder, manifest.rejected.parts[0]?.key ?? '')
  expect(
    await query(`SELECT step, code, row->>'instruction' AS said FROM read_parquet($file)`, file),
  ).toEqual([{ step: 'answer', code: 'output-invalid', said: 'Say 7' }])
})

test('the manifest tells the SQL type of each column, and which hold JSON', async () => {
  const { manifest } = await commitExample()
  expect(manifest.leaves[0]).toMatchObject({
    rows: 5000,
    types: { instruction: 'VARCHAR', number: 'BIGINT', details: 'JSON' },
  })
})

test('an unknown leaf, or none where there are several, is told with those there are', async () => {
  const { store, manifest } = await commitExample()
  const one = await openDataset(store, 'answers')
  expect(() => one.rows({ leaf: 'judge' })).toThrow(
    "Dataset 'answers' has no leaf 'judge'. Leaves there: 'answer'.",
  )
  const leaves = [...manifest.leaves, describeLeaf('other', {}, [])]
  const later = { ...manifest, version: 'run-2', run: 'run-2', leaves }
  await commitDataset(store, { ...later, createdAt: '2027-01-01T00:00:00.000Z' }, () => '')
  const two = await openDataset(store, 'answers')
  expect(() => two.rows()).toThrow("Dataset 'answers' has 2 leaves; name one of 'answer', 'other'.")
  expect(await collect(two.rows({ leaf: 'other' }))).toEqual([])
})

test('a part that is damaged or gone is an error, never fewer rows', async () => {
  const { folder, store, manifest } = await commitExample()
  const [first, , last] = manifest.leaves[0]?.parts ?? []
  await store.delete(first?.key ?? '')
  await writeFile(join(folder, last?.key ?? ''), 'PAR1 no more')
  const dataset = await openDataset(store, 'answers')
  await expect(collect(dataset.rows({ limit: 1 }))).rejects.toMatchObject({ code: 'store-corrupt' })
  await expect(collect(dataset.rows({ offset: 4000 }))).rejects.toMatchObject({
    code: 'store-corrupt',
  })
})

test('SQL over a pattern meets the parts in the order of their rows', async () => {
  const { folder } = await commitExample()
  const pattern = join(folder, 'datasets/answers/run-1/answer/*.parquet')
  const rows = await query(`SELECT number FROM read_parquet('${pattern}')`, pattern)
  expect(rows.map((row) => Number(row['number']))).toEqual(
    Array.from({ length: 5000 }, (_, number) => number),
  )
})
