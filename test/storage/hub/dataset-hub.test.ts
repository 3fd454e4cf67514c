import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import type { DatasetPush } from '../../../src/core/dataset-hub.ts'
import { createDatasetHub } from '../../../src/storage/hub/dataset-hub.ts'
import { createSourceFiles } from '../../../src/storage/source-files.ts'
import { hubTokens, startHubServer } from '../../servers/hub-server.ts'
import type { HubServer } from '../../servers/hub-server.ts'
import { startLosingAnswers } from '../../servers/losing-answers.ts'
import { streamOf } from '../parquet/part-folder.ts'

let hub: HubServer
const { signal } = new AbortController()
const columns = { id: { type: 'integer' }, text: { type: 'string' } }

beforeAll(async () => {
  hub = await startHubServer()
})
afterAll(() => hub.stop())

function rowsFrom(from: number, to: number): Row[] {
  return Array.from({ length: to - from }, (_, index) => ({
    id: from + index,
    text: `Text ${from + index}`,
  }))
}

async function push(
  repoId: string,
  rows: readonly Row[],
  options: Partial<DatasetPush> & { readonly environment?: object; readonly most?: number } = {},
) {
  const { environment = {}, most = 1000, ...others } = options
  const access = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: hubTokens.write, ...environment }
  const datasets = createDatasetHub(access, { rows: most, bytes: 1_000_000 })
  return await datasets.push({
    repoId,
    private: false,
    rows: streamOf(rows),
    columns,
    signal,
    ...others,
  })
}

async function read(repoId: string, split?: string, config?: string): Promise<Row[]> {
  const files = createSourceFiles({
    workingFolder: '.',
    environment: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: hubTokens.read },
  })
  const request = {
    dataset: `hf://datasets/${repoId}`,
    ...(split === undefined ? {} : { split }),
    ...(config === undefined ? {} : { config }),
  }
  return await Array.fromAsync(files.rows(request, signal))
}

const paths = (repoId: string) => [...hub.files(repoId).keys()]
const commitsOf = (repoId: string) => hub.repos.get(repoId)?.commits.size

test('rows become the files of a split in one commit, with a card that names them', async () => {
  const pushed = await push('acme/fresh', rowsFrom(0, 2500), { private: true })
  expect(pushed).toEqual({
    rows: 2500,
    hasChanged: true,
    url: expect.stringMatching(/\/datasets\/acme\/fresh\/commit\/[0-9a-f]{40}$/),
  })
  expect(hub.repos.get('acme/fresh')?.isPrivate).toBe(true)
  expect(commitsOf('acme/fresh')).toBe(2)
  expect(paths('acme/fresh')).toEqual([
    '.gitattributes',
    'README.md',
    'data/train-00000-of-00003.parquet',
    'data/train-00001-of-00003.parquet',
    'data/train-00002-of-00003.parquet',
  ])
  expect(String(hub.files('acme/fresh').get('README.md')?.bytes)).toBe(
    '---\nconfigs:\n  - config_name: default\n    data_files:\n      - split: train\n        path: data/train-*\n---\n\n# fresh\n',
  )
  expect(await read('acme/fresh')).toEqual(rowsFrom(0, 2500))
})

test('equal rows make no commit, other rows take the place of those that were there', async () => {
  const first = await push('acme/again', rowsFrom(0, 2500))
  expect(await push('acme/again', rowsFrom(0, 2500))).toEqual({ ...first, hasChanged: false })
  expect(commitsOf('acme/again')).toBe(2)
  const second = await push('acme/again', [...rowsFrom(0, 1000), ...rowsFrom(5000, 5100)])
  expect(second).toMatchObject({ hasChanged: true, rows: 1100 })
  expect(paths('acme/again').filter((path) => path.startsWith('data/'))).toEqual([
    'data/train-00000-of-00002.parquet',
    'data/train-00001-of-00002.parquet',
  ])
  expect(await read('acme/again')).toHaveLength(1100)
})

test('splits and configs stand side by side', async () => {
  await push('acme/parts', rowsFrom(0, 3))
  await push('acme/parts', rowsFrom(3, 5), { split: 'test' })
  await push('acme/parts', rowsFrom(5, 6), { config: 'judged' })
  await push('acme/parts', rowsFrom(6, 7), { config: 'judged', split: 'test' })
  const lengths = [
    await read('acme/parts', 'train'),
    await read('acme/parts', 'test', 'default'),
    await read('acme/parts', 'train', 'judged'),
    await read('acme/parts', 'test', 'judged'),
  ].map((rows) => rows.length)
  expect(lengths).toEqual([3, 2, 1, 1])
  expect(commitsOf('acme/parts')).toBe(5)
})

test('no rows are a file with the columns and no rows', async () => {
  expect(await push('acme/empty', [])).toMatchObject({ rows: 0, hasChanged: true })
  expect(paths('acme/empty')).toContain('data/train-00000-of-00001.parquet')
})

test('files that grow too large are followed by others, and sent in parts', async () => {
  const digits = (id: number, at: number) => ((id * 7919 + at * 104_729) % 99_991).toString(36)
  const rows = Array.from({ length: 100 }, (_, id) => ({
    id,
    text: Array.from({ length: 5000 }, (_, at) => digits(id, at)).join(''),
  }))
  await push('acme/large', rows)
  expect(paths('acme/large').filter((path) => path.startsWith('data/'))).toEqual([
    'data/train-00000-of-00002.parquet',
    'data/train-00001-of-00002.parquet',
  ])
  expect(hub.calls.some(({ path }) => path.endsWith('/complete'))).toBe(true)
  expect(await read('acme/large')).toEqual(rows)
})

test('a commit whose answer is lost is found to be there', async () => {
  await push('acme/lost', rowsFrom(0, 5))
  const proxy = await startLosingAnswers(hub.endpoint, 'POST', '/commit/')
  try {
    const environment = { HF_ENDPOINT: proxy.endpoint }
    await expect(push('acme/lost', rowsFrom(0, 6), { environment })).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    expect(await push('acme/lost', rowsFrom(0, 6), { environment })).toMatchObject({
      hasChanged: false,
    })
    expect(commitsOf('acme/lost')).toBe(3)
  } finally {
    await proxy.stop()
  }
})

test('a commit of somebody else in between is worth another try', async () => {
  await push('acme/busy', rowsFrom(0, 5))
  hub.failNext('acme/busy/commit', 412)
  await expect(push('acme/busy', rowsFrom(0, 6))).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining("could not commit to dataset 'acme/busy'"),
  })
  expect(await push('acme/busy', rowsFrom(0, 6))).toMatchObject({ hasChanged: true })
})

test.each([
  ['acme/refused', { environment: { HF_TOKEN: '' } }, 'key-missing', 'set HF_TOKEN'],
  [
    'acme/refused',
    { environment: { HF_TOKEN: 'hf_wrong' } },
    'hub-denied',
    'does not take the token',
  ],
  [
    'acme/refused',
    { environment: { HF_TOKEN: hubTokens.read } },
    'hub-denied',
    'refused to create dataset',
  ],
  [
    'acme/there',
    { environment: { HF_TOKEN: hubTokens.read } },
    'hub-denied',
    'must use a write token',
  ],
  ['refused', {}, 'parameter-invalid', 'name it owner/name'],
  ['acme/refused', { split: 'a-b' }, 'parameter-invalid', "'a-b' is no name of a split"],
  ['acme/refused', { config: '../up' }, 'parameter-invalid', "'../up' is no name of a config"],
])('a push that cannot be is one sentence: %s %j', async (repoId, options, code, message) => {
  hub.put('acme/there', { 'README.md': '' })
  await expect(push(repoId, rowsFrom(0, 1), options)).rejects.toMatchObject({
    code,
    verdict: 'invalid',
    message: expect.stringContaining(message),
  })
  expect(hub.repos.has('acme/refused')).toBe(false)
})

test('a value that its column cannot hold ends a push before anything is sent', async () => {
  await expect(push('acme/typed', [{ id: 'x', text: 'y' }])).rejects.toMatchObject({
    code: 'column-mistyped',
  })
  expect(commitsOf('acme/typed')).toBe(1)
})
