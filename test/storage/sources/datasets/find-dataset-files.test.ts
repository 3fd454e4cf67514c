import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Row } from '../../../../src/core/columns.ts'
import type { DatasetRequest } from '../../../../src/core/source-files.ts'
import { commitDataset } from '../../../../src/storage/dataset/commit-dataset.ts'
import { describeLeaf } from '../../../../src/storage/dataset/dataset-manifest.ts'
import { createFileStore } from '../../../../src/storage/file-store.ts'
import { exampleManifest, exampleRow, writeExample } from '../../dataset/example-dataset.ts'
import { parquetOf } from '../../parquet/parquet-of.ts'
import { makeSourceFolder } from '../../source-folder.ts'
import type { SourceFolder } from '../../source-folder.ts'

const { signal } = new AbortController()

async function read(folder: SourceFolder, request: DatasetRequest): Promise<Row[]> {
  return await Array.fromAsync(folder.files.rows(request, signal))
}

/** A folder with a store that holds two versions of a dataset. */
async function folderWithStore(): Promise<SourceFolder> {
  const folder = await makeSourceFolder()
  const store = createFileStore(join(folder.path, 'store'))
  const manifest = await writeExample(store)
  await commitDataset(store, manifest, () => '# Card')
  await commitDataset(
    store,
    exampleManifest({ version: 'run-2', run: 'run-2', createdAt: '2027-01-01T00:00:00.000Z' }),
    () => '# Card',
  )
  await commitDataset(
    store,
    {
      ...manifest,
      name: 'several',
      leaves: [manifest.leaves, [describeLeaf('judged', {}, [])]].flat(),
    },
    () => '# Card',
  )
  return folder
}

test('a version of our own datasets gives the rows as they were written', async () => {
  const folder = await folderWithStore()
  const dataset = 'store/datasets/answers/run-1'
  const rows = await read(folder, { dataset })
  expect(rows).toEqual(Array.from({ length: 5000 }, (_, number) => exampleRow(number)))
  expect(await read(folder, { dataset: `${dataset}/`, config: 'answer', split: 'train' })).toEqual(
    rows,
  )
  expect(await read(folder, { dataset, numExamples: 3 })).toEqual(rows.slice(0, 3))
})

test("a dataset's folder means the version that its pointer names when it is fingerprinted", async () => {
  const folder = await makeSourceFolder()
  const store = createFileStore(join(folder.path, 'store'))
  const manifest = await writeExample(store)
  await commitDataset(store, manifest, () => '# Card')
  const request = { dataset: 'store/datasets/answers', numExamples: 1 }
  const first = await folder.files.fingerprint(request)
  const later = { version: 'run-2', run: 'run-2', createdAt: '2027-01-01T00:00:00.000Z' }
  await commitDataset(store, { ...exampleManifest(later), leaves: [] }, () => '# Card')
  expect(await read(folder, request)).toEqual([exampleRow(0)])
  await expect(folder.files.fingerprint(request)).rejects.toThrow('has 0 leaves')
  expect(await folder.files.fingerprint({ ...request, dataset: `${request.dataset}/run-1` })).toBe(
    first,
  )
})

test('a copy of the folder elsewhere is read as well, and has the same fingerprint', async () => {
  const folder = await folderWithStore()
  const before = await folder.files.fingerprint({ dataset: 'store/datasets/answers/run-1' })
  await rename(join(folder.path, 'store/datasets/answers/run-1'), join(folder.path, 'copy'))
  expect(await folder.files.fingerprint({ dataset: 'copy' })).toBe(before)
  expect(await read(folder, { dataset: join(folder.path, 'copy'), numExamples: 1 })).toEqual([
    exampleRow(0),
  ])
})

test.each([
  ['several', {}, "Dataset 'several' has 2 leaves; name one of 'answer', 'judged'."],
  ['several', { config: 'none' }, "no leaf 'none'. Leaves there: 'answer', 'judged'."],
  ['answers/run-1', { split: 'test' }, "has no split 'test'; its leaves are not split"],
  [
    '.',
    {},
    "holds several datasets of Retort or versions of one; name one of the folders in it: 'answers', 'several'.",
  ],
  ['nothing', {}, "There is no folder 'store/datasets/nothing' in "],
])('what our own datasets do not have is one sentence: %s %j', async (name, options, message) => {
  const folder = await folderWithStore()
  await expect(
    read(folder, { dataset: `store/datasets/${name}`, ...options }),
  ).rejects.toMatchObject({ verdict: 'invalid', message: expect.stringContaining(message) })
})

test('a part that is missing or damaged is named', async () => {
  const folder = await folderWithStore()
  const store = createFileStore(join(folder.path, 'store'))
  const { leaves } = await writeExample(store)
  const [first, , third] = leaves[0]?.parts.map(({ key }) => key) ?? []
  await folder.write(`store/${first}`, 'no Parquet')
  const request = { dataset: 'store/datasets/answers/run-1' }
  await expect(read(folder, request)).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringContaining('is not the Parquet that its dataset.json says'),
  })
  await rm(join(folder.path, `store/${third}`))
  await expect(read(folder, request)).rejects.toMatchObject({
    code: 'file-missing',
    message: expect.stringContaining("lacks the part 'answer/000002-"),
  })
})

test('a folder of Parquet files is read by its card, else by the names in it', async () => {
  const folder = await makeSourceFolder()
  for (const [path, id] of Object.entries({ 'en/train-0': 1, 'en/test': 2, 'de/train': 3 }))
    await folder.write(`plain/${path}.parquet`, await parquetOf(`SELECT ${id} AS id`))
  expect(await read(folder, { dataset: 'plain', config: 'en', split: 'train' })).toEqual([
    { id: 1 },
  ])
  expect(await read(folder, { dataset: 'plain', config: 'de' })).toEqual([{ id: 3 }])
  const card = 'configs:\n- config_name: all\n  data_files: ["en/test*", "de/*.parquet"]'
  await folder.write('plain/README.md', `---\n${card}\n---\n`)
  expect(await read(folder, { dataset: 'plain' })).toEqual([{ id: 2 }, { id: 3 }])
})

test.each([
  [{}, "Folder 'plain' has 2 configs; name one with 'config': 'de', 'en'."],
  [{ config: 'fr' }, "Folder 'plain' has no config 'fr'. Configs there: 'de', 'en'."],
  [
    { config: 'en' },
    "Config 'en' of folder 'plain' has 2 splits; name one with 'split': 'test', 'train'.",
  ],
  [{ config: 'en', split: 'dev' }, "has no split 'dev'. Splits there: 'test', 'train'."],
])('a config or split that is not there is one sentence: %j', async (options, message) => {
  const folder = await makeSourceFolder()
  for (const path of ['en/train', 'en/test', 'de/train'])
    await folder.write(`plain/${path}.jsonl`, '{}')
  await expect(read(folder, { dataset: 'plain', ...options })).rejects.toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining(message),
  })
})

test('files that are not there or cannot be rows are one sentence', async () => {
  const folder = await makeSourceFolder()
  const failing = async (dataset: string) =>
    await read(folder, { dataset }).catch((error: unknown) => String(error))
  await folder.write('arrow/dataset_info.json', '{}')
  await folder.write('arrow/data-00000-of-00001.arrow', 'x')
  expect(await failing('arrow')).toContain(
    "Folder 'arrow' holds Arrow files, as 'save_to_disk' of Python's datasets writes them, which cannot be read here; write it with 'to_parquet' instead.",
  )
  await folder.write('texts/a.txt', 'x')
  expect(await failing('texts')).toContain(
    "holds no Parquet, JSONL, JSON or CSV files, but 'a.txt'.",
  )
  const card = (files: string) => `---\nconfigs:\n- data_files: ${files}\n---\n`
  await folder.write('texts/b.jsonl', '{}')
  await folder.write('texts/README.md', card('a.txt'))
  expect(await failing('texts')).toContain(
    "File 'texts/a.txt' of folder 'texts' is neither Parquet",
  )
  await folder.write('texts/README.md', card('c-*.jsonl'))
  expect(await failing('texts')).toContain(
    "says that split 'train' of config 'default' is 'c-*.jsonl', and no file there has such a name.",
  )
  await mkdir(join(folder.path, 'bare'))
  expect(await failing('bare')).toContain("There is no folder 'bare' in ")
})
