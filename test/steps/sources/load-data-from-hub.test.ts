import { tmpdir } from 'node:os'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

import type { Row } from '../../../src/core/columns.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { resolveParams } from '../../../src/core/resolve-params.ts'
import { definitionKey } from '../../../src/core/step.ts'
import {
  loadDataFromHub,
  loadDataFromHubDefinition as definition,
} from '../../../src/steps/sources/load-data-from-hub.ts'
import type { LoadDataFromHubOptions } from '../../../src/steps/sources/load-data-from-hub.ts'
import { createSourceFiles } from '../../../src/storage/source-files.ts'
import { startHubServer } from '../../servers/hub-server.ts'
import type { HubServer } from '../../servers/hub-server.ts'
import { parquetOf } from '../../storage/parquet/parquet-of.ts'

let hub: HubServer
const { signal } = new AbortController()

beforeAll(async () => {
  hub = await startHubServer()
  hub.put('acme/chats', {
    'README.md': `---
configs:
- config_name: en
  default: true
  data_files:
  - split: train
    path: en/train-*
  - split: test
    path: en/test.jsonl
- config_name: de
  data_files: de.csv
---
# Chats
`,
    'en/train-0.parquet': await parquetOf("SELECT 1 AS id, 'Hello' AS text"),
    'en/train-1.parquet': await parquetOf("SELECT 2 AS id, 'Bye' AS text"),
    'en/test.jsonl': '{"id":3,"text":"Why?"}\n',
    'de.csv': 'id,text\n4,Hallo\n',
  })
  hub.put('acme/chats', { 'en/test.jsonl': '{"id":9,"text":"Earlier"}' }, 'v1')
  hub.put('acme/plain', { 'train.jsonl': '{"id":1}', 'dev.jsonl': '{"id":2}' })
})
afterAll(() => hub.stop())

function resolve(params: JsonObject): Row {
  const { [definitionKey]: erased } = loadDataFromHub({ repoId: 'a/b' })
  return resolveParams(erased, { name: 'load', type: erased.type, params }).params
}

async function load(options: LoadDataFromHubOptions<Row>): Promise<Row[]> {
  const step = loadDataFromHub(options)
  const files = createSourceFiles({
    workingFolder: tmpdir(),
    environment: { HF_ENDPOINT: hub.endpoint },
  })
  const params = resolve(step.params)
  const context = { seed: 0, files, signal }
  expect(await step[definitionKey].fingerprint?.(params, context)).toMatch(/^[0-9a-f]{64}$/)
  return await Array.fromAsync(step[definitionKey].generate(params, context))
}

test('without more than a name, the train split of the default config is read', async () => {
  expect(await load({ repoId: 'acme/chats' })).toEqual([
    { id: 1, text: 'Hello' },
    { id: 2, text: 'Bye' },
  ])
  expect(await load({ repoId: 'acme/plain', split: 'validation' })).toEqual([{ id: 2 }])
  expect(resolve({ repoId: 'acme/chats' })).toEqual({ repoId: 'acme/chats', split: 'train' })
  expect(definition.isLocal?.({ repoId: 'acme/chats', split: 'train' })).toBe(false)
})

test('a config, a split, a revision and a number of rows may be asked for', async () => {
  expect(await load({ repoId: 'acme/chats', config: 'de' })).toEqual([{ id: 4, text: 'Hallo' }])
  expect(await load({ repoId: 'acme/chats', split: 'test' })).toEqual([{ id: 3, text: 'Why?' }])
  expect(await load({ repoId: 'acme/chats', split: 'test', revision: 'v1' })).toEqual([
    { id: 9, text: 'Earlier' },
  ])
  expect(await load({ repoId: 'acme/chats', numExamples: 1 })).toEqual([{ id: 1, text: 'Hello' }])
})

test('columns that are told are the only ones, of the types that are told', async () => {
  const columns = z.object({ text: z.string() })
  expect(await load({ repoId: 'acme/chats', columns })).toEqual([
    { text: 'Hello' },
    { text: 'Bye' },
  ])
  const step = loadDataFromHub({ repoId: 'acme/chats', columns })
  expect(Object.keys(step[definitionKey].columns?.(step.params) ?? {})).toEqual(['text'])
  expect(step[definitionKey].columns?.({ repoId: 'a/b' })).toBeUndefined()
  await expect(
    load({ repoId: 'acme/chats', columns: z.object({ id: z.string() }) }),
  ).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringContaining("Row 1 of 'acme/chats' does not hold in column 'id': "),
  })
})

test.each([
  [
    { repoId: 'acme/chats', split: 'dev' },
    "Config 'en' of dataset 'acme/chats' has no split 'dev'. Splits there: 'train', 'test'.",
  ],
  [
    { repoId: 'acme/chats', config: 'fr' },
    "Dataset 'acme/chats' has no config 'fr'. Configs there: 'en', 'de'.",
  ],
  [{ repoId: 'acme/chats', revision: 'v2' }, "has no revision 'v2'"],
  [{ repoId: 'acme/none' }, "no public dataset 'acme/none'"],
  [{ repoId: 'none' }, "no public dataset 'none'"],
])('what is not there is one sentence: %j', async (options, message) => {
  await expect(load(options)).rejects.toMatchObject({
    verdict: 'invalid',
    message: expect.stringContaining(message),
  })
})

test.each([
  [{}, 'parameter-invalid', "needs the parameter 'repoId'"],
  [{ repoId: 'a/b/c' }, 'parameter-invalid', 'is no name of a dataset, which is owner/name'],
  [{ repoId: 'a/b', split: '' }, 'parameter-invalid', "Parameter 'split'"],
  [{ repoId: 'a/b', streaming: true }, 'parameter-unknown', "'streaming'"],
  [
    { repoId: 'a/b', columns: {} },
    'parameter-invalid',
    "Parameter 'columns' of step 'load' names no columns",
  ],
])('parameters that do not hold are an error: %j', (params, code, message) => {
  expect(() => resolve(params)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
