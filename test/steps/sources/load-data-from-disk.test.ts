import { join } from 'node:path'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'

import type { Row } from '../../../src/core/columns.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { resolveParams } from '../../../src/core/resolve-params.ts'
import { definitionKey } from '../../../src/core/step.ts'
import type { GeneratorStep } from '../../../src/core/step.ts'
import {
  loadDataFromDisk,
  loadDataFromDiskDefinition as definition,
} from '../../../src/steps/sources/load-data-from-disk.ts'
import { commitDataset } from '../../../src/storage/dataset/commit-dataset.ts'
import { createFileStore } from '../../../src/storage/file-store.ts'
import { openStore } from '../../../src/storage/open-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { startS3Server } from '../../servers/versitygw.ts'
import type { S3Server } from '../../servers/versitygw.ts'
import { exampleRow, writeExample } from '../../storage/dataset/example-dataset.ts'
import { makeSourceFolder } from '../../storage/source-folder.ts'
import type { SourceFolder } from '../../storage/source-folder.ts'

const { signal } = new AbortController()
let server: S3Server

beforeAll(async () => {
  server = await startS3Server()
  await server.createBucket('datasets')
}, 300_000)
afterAll(() => server.stop())

function resolve(params: JsonObject): Row {
  const { [definitionKey]: erased } = loadDataFromDisk({ datasetPath: 'a' })
  return resolveParams(erased, { name: 'load', type: erased.type, params }).params
}

async function load(folder: SourceFolder, step: GeneratorStep<Row>): Promise<Row[]> {
  const params = resolve(step.params)
  const context = { seed: 0, files: folder.files, signal }
  return await Array.fromAsync(step[definitionKey].generate(params, context))
}

async function putExample(store: Store): Promise<void> {
  await commitDataset(store, await writeExample(store), () => '# Card')
}

test("an earlier run's dataset is read from its folder, by leaf, with columns that are told", async () => {
  const folder = await makeSourceFolder()
  await putExample(createFileStore(join(folder.path, 'store')))
  const datasetPath = 'store/datasets/answers'
  expect(await load(folder, loadDataFromDisk({ datasetPath }))).toHaveLength(5000)
  const columns = z.object({ number: z.int(), details: z.record(z.string(), z.unknown()) })
  const told = loadDataFromDisk({ datasetPath, config: 'answer', numExamples: 2, columns })
  expect(await load(folder, told)).toEqual([
    { number: 0, details: { 'key 0': [0, null] } },
    { number: 1, details: { 'key 1': [1, null] } },
  ])
  expect(Object.keys(told[definitionKey].columns?.(told.params) ?? {})).toEqual([
    'number',
    'details',
  ])
  expect(definition.columns?.({ datasetPath })).toBeUndefined()
})

test("an earlier run's dataset and a folder of files are read from a bucket", async () => {
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
  try {
    const folder = await makeSourceFolder()
    const store = await openStore('s3://datasets/retort')
    await putExample(store)
    const datasetPath = 's3://datasets/retort/datasets/answers/'
    expect(await load(folder, loadDataFromDisk({ datasetPath, numExamples: 1 }))).toEqual([
      exampleRow(0),
    ])
    await store.put('plain/train.jsonl', Buffer.from('{"id":1}'))
    await store.put('plain/test.jsonl', Buffer.from('{"id":2}'))
    const plain = loadDataFromDisk({ datasetPath: 's3://datasets/retort/plain', split: 'test' })
    expect(await load(folder, plain)).toEqual([{ id: 2 }])
    const none = loadDataFromDisk({ datasetPath: 's3://datasets/retort/none' })
    await expect(load(folder, none)).rejects.toMatchObject({ code: 'file-missing' })
    await store.close?.()
  } finally {
    vi.unstubAllEnvs()
  }
})

test('only a folder of this machine is free to look at', () => {
  const isLocal = (datasetPath: string) => definition.isLocal?.({ datasetPath })
  expect([isLocal('a'), isLocal('s3://a/b'), isLocal('hf://datasets/a/b')]).toEqual([
    true,
    false,
    false,
  ])
})

test.each([
  [{}, 'parameter-invalid', "needs the parameter 'datasetPath'"],
  [{ datasetPath: 'a', keepInMemory: true }, 'parameter-unknown', "'keepInMemory'"],
  [{ datasetPath: 'a', config: '' }, 'parameter-invalid', "Parameter 'config'"],
])('parameters that do not hold are an error: %j', (params, code, message) => {
  expect(() => resolve(params)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
