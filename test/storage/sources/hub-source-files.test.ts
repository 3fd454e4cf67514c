import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { SourceRequest } from '../../../src/core/source-files.ts'
import { createSourceFiles } from '../../../src/storage/source-files.ts'
import { hubTokens, startHubServer } from '../../servers/hub-server.ts'
import type { HubServer } from '../../servers/hub-server.ts'
import { startLosingAnswers } from '../../servers/losing-answers.ts'
import { parquetOf } from '../parquet/parquet-of.ts'

let hub: HubServer
const { signal } = new AbortController()

beforeAll(async () => {
  hub = await startHubServer()
})
afterAll(() => hub.stop())

function filesOf(environment: Readonly<Record<string, string>> = {}) {
  return createSourceFiles({
    workingFolder: tmpdir(),
    environment: { HF_ENDPOINT: hub.endpoint, ...environment },
  })
}

async function read(dataFiles: string | readonly string[], environment = {}): Promise<unknown[]> {
  return await Array.fromAsync(filesOf(environment).rows({ dataFiles }, signal))
}

test('files are read by their path, by a glob, by the folder that they are in and from a revision', async () => {
  const names = [
    'many/a.jsonl',
    'many/b.jsonl',
    'many/deep/c.jsonl',
    'many-others.jsonl',
    'x/y.csv',
  ]
  hub.put('acme/seeds', Object.fromEntries(names.map((name) => [name, `{"name":"${name}"}\n`])))
  const rows = (...found: string[]) => found.map((name) => ({ name }))
  expect(await read('hf://datasets/acme/seeds/many/b.jsonl')).toEqual(rows('many/b.jsonl'))
  expect(await read('hf://datasets/acme/seeds/many/*.jsonl')).toEqual(
    rows('many/a.jsonl', 'many/b.jsonl'),
  )
  expect(await read('hf://datasets/acme/seeds/many/')).toEqual(
    rows('many/a.jsonl', 'many/b.jsonl', 'many/deep/c.jsonl'),
  )
  expect(await read('hf://datasets/acme/seeds/**/*.jsonl')).toHaveLength(4)
  const first = hub.put('acme/seeds', { 'many/b.jsonl': '{"name":"older"}' })
  hub.put('acme/seeds', { 'many/b.jsonl': '{"name":"converted"}' }, 'refs/convert/parquet')
  hub.put('acme/seeds', { 'many/b.jsonl': '{"name":"newer"}' })
  const revisions = ['', `@${first}`, '@refs/convert/parquet', '@refs%2Fconvert%2Fparquet']
  const found = revisions.map((at) => read(`hf://datasets/acme/seeds${at}/many/b.jsonl`))
  expect((await Promise.all(found)).flat()).toEqual(
    rows('newer', 'older', 'converted', 'converted'),
  )
})

test('Parquet comes from where the Hub redirects to, which never sees the token', async () => {
  hub.put('acme/large', { 'data/a.parquet': await parquetOf('SELECT 1 AS id, [1.5] AS list') })
  expect(await read('hf://datasets/acme/large/data', { HF_TOKEN: ` ${hubTokens.read}\n` })).toEqual(
    [{ id: 1, list: [1.5] }],
  )
  expect(hub.calls.at(-1)).toMatchObject({ path: expect.stringContaining('/resolve/') })
  expect(hub.calls.at(-1)?.token).toBe(hubTokens.read)
})

test('a fingerprint fetches no file, and changes when the bytes do and not with other commits', async () => {
  hub.put('acme/changing', { 'rows.jsonl': '{"id":1}' })
  const request = { dataFiles: 'hf://datasets/acme/changing/rows.jsonl' }
  const from = hub.calls.length
  const first = await filesOf().fingerprint(request)
  expect(hub.calls.slice(from).filter(({ path }) => path.includes('/resolve/'))).toEqual([])
  hub.put('acme/changing', { 'README.md': 'Hello' })
  expect(await filesOf().fingerprint(request)).toBe(first)
  hub.put('acme/changing', { 'rows.jsonl': '{"id":2}' })
  expect(await filesOf().fingerprint(request)).not.toBe(first)
})

test('rows are those of the commit that was fingerprinted, whatever was committed since', async () => {
  hub.put('acme/pinned', { 'rows.jsonl': '{"id":1}' })
  const request = { dataFiles: 'hf://datasets/acme/pinned/rows.jsonl' }
  const files = filesOf()
  await files.fingerprint(request)
  hub.put('acme/pinned', { 'rows.jsonl': '{"id":2}' })
  expect(await Array.fromAsync(files.rows(request, signal))).toEqual([{ id: 1 }])
})

test('a history that is rewritten behind the fingerprint stops the reading', async () => {
  const sha = hub.put('acme/rewritten', { 'rows.jsonl': '{"id":1}' })
  const request = { dataFiles: 'hf://datasets/acme/rewritten/rows.jsonl' }
  const files = filesOf()
  await files.fingerprint(request)
  const commits = hub.repos.get('acme/rewritten')?.commits
  commits?.set(sha, new Map([['rows.jsonl', { bytes: Buffer.from('{"id":3}'), isLarge: false }]]))
  const changed = {
    code: 'source-changed',
    message: expect.stringContaining("'hf://datasets/acme/rewritten/rows.jsonl'"),
  }
  await expect(Array.fromAsync(files.rows(request, signal))).rejects.toMatchObject(changed)
  commits?.delete(sha)
  await expect(Array.fromAsync(files.rows(request, signal))).rejects.toMatchObject(changed)
})

test('a Hub that fails for a moment is asked again', async () => {
  hub.put('acme/shaky', { 'rows.jsonl': '{"id":1}' })
  hub.failNext('acme/shaky/revision', 503)
  hub.failNext('acme/shaky/resolve', 500)
  expect(await read('hf://datasets/acme/shaky/rows.jsonl')).toEqual([{ id: 1 }])
})

test('an answer that breaks off is read on from where it did', async () => {
  const lines = Array.from({ length: 200_000 }, (_, id) => `{"id":${id}}\n`)
  hub.put('acme/long', { 'rows.jsonl': lines.join('') })
  const proxy = await startLosingAnswers(hub.endpoint, 'GET', '/resolve/')
  try {
    proxy.cutNext()
    const rows = await read('hf://datasets/acme/long/rows.jsonl', { HF_ENDPOINT: proxy.endpoint })
    expect(rows).toHaveLength(lines.length)
    expect(rows.at(-1)).toEqual({ id: lines.length - 1 })
    expect(proxy.count()).toBe(1)
  } finally {
    await proxy.stop()
  }
})

test('a proxy that the environment names is gone through', async () => {
  hub.put('acme/proxied', { 'rows.jsonl': '{"id":1}' })
  const proxy = await startLosingAnswers(hub.endpoint, 'GET', '/resolve/')
  try {
    proxy.loseNext()
    const environment = { http_proxy: proxy.endpoint }
    expect(await read('hf://datasets/acme/proxied/rows.jsonl', environment)).toEqual([{ id: 1 }])
    expect(proxy.count()).toBe(1)
  } finally {
    await proxy.stop()
  }
})

test('reading ends with the run', async () => {
  hub.put('acme/ended', { 'rows.jsonl': '{"id":1}\n'.repeat(100_000) })
  const controller = new AbortController()
  const request = { dataFiles: 'hf://datasets/acme/ended/rows.jsonl' }
  const reading = async () => {
    for await (const _ of filesOf().rows(request, controller.signal)) controller.abort()
  }
  await expect(reading()).rejects.toThrow(/abort/i)
})

beforeEach(() => {
  hub.put('acme/private', { 'rows.jsonl': '{"id":1}' })
  hub.put('acme/gated', { 'rows.jsonl': '{"id":1}' })
  const [mine, gated] = ['acme/private', 'acme/gated'].map((name) => hub.repos.get(name))
  if (mine !== undefined) mine.isPrivate = true
  if (gated !== undefined) gated.isGated = true
})

test.each([
  ['private', 'HF_TOKEN', hubTokens.read],
  ['gated', 'HUGGING_FACE_HUB_TOKEN', hubTokens.read],
])('a %s dataset is read with a token in %s', async (name, variable, token) => {
  expect(await read(`hf://datasets/acme/${name}/rows.jsonl`, { [variable]: token })).toEqual([
    { id: 1 },
  ])
})

test.each([
  ['private', {}, 'dataset-missing', "no public dataset 'acme/private'"],
  ['private', {}, 'dataset-missing', 'set HF_TOKEN to a token that may read it'],
  ['private', { HF_TOKEN: hubTokens.stranger }, 'dataset-missing', 'token in HF_TOKEN may read'],
  ['private', { HF_TOKEN: 'hf_wrong' }, 'hub-denied', 'does not take the token in HF_TOKEN'],
  ['gated', {}, 'key-missing', "Dataset 'acme/gated' is gated; ask for access at http"],
  ['gated', { HF_TOKEN: hubTokens.stranger }, 'hub-denied', 'has no access yet'],
  [
    'gated',
    { HF_TOKEN: 'sk-wrong' },
    'hub-denied',
    'no token of the Hugging Face Hub, which begins',
  ],
  ['gated', { HF_ENDPOINT: 'hub' }, 'usage', "'hub' is no address of a Hub; set HF_ENDPOINT"],
])(
  'a dataset that may not be read is one sentence: %s %j',
  async (name, environment, code, message) => {
    const error: unknown = await read(`hf://datasets/acme/${name}/rows.jsonl`, environment).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({
      code,
      verdict: 'invalid',
      message: expect.stringContaining(message),
    })
    const token =
      Object.values(environment).find((value) => /^(?:hf_|sk-)/.test(value)) ?? 'hf_none'
    expect(JSON.stringify([error, String(error)])).not.toContain(token)
  },
)

test('a token that the Hub repeats is in no part of the error', async () => {
  hub.failNext('acme/private/revision', 403, 1, `No rights for ${hubTokens.read}`)
  const error: unknown = await read('hf://datasets/acme/private/rows.jsonl', {
    HF_TOKEN: hubTokens.read,
  }).catch((error: unknown) => error)
  expect(error).toMatchObject({
    code: 'hub-denied',
    message: expect.stringContaining('No rights for [token]'),
    cause: { message: 'No rights for [token]' },
  })
})

test.each([
  ['hf://datasets/acme/nothing/a.jsonl', 'dataset-missing', "no public dataset 'acme/nothing'"],
  ['hf://datasets/acme/seeds@v9/a.jsonl', 'dataset-missing', "has no revision 'v9'; name a branch"],
  [
    'hf://datasets/acme/seeds/a.jsonl',
    'file-missing',
    "There is no 'a.jsonl' in dataset 'acme/seeds'",
  ],
  [
    'hf://datasets/acme/seeds/no/*.jsonl',
    'file-missing',
    "No files match 'hf://datasets/acme/seeds/no/*.jsonl'.",
  ],
  ['hf://datasets/acme/seeds/*.md', 'file-missing', 'No files match'],
  ['hf://acme/seeds/a.jsonl', 'file-missing', 'an address is hf://datasets/owner/name/path'],
  ['hf://datasets/acme', 'file-missing', 'an address is hf://datasets/owner/name/path'],
])('an address that leads nowhere is one sentence: %s', async (address, code, message) => {
  hub.put('acme/seeds', { 'b.jsonl': '{}' })
  await expect(read(address)).rejects.toMatchObject({
    code,
    verdict: 'invalid',
    message: expect.stringContaining(message),
  })
})

test('a Hub that cannot be reached or goes on failing is tried again later', async () => {
  const request: SourceRequest = { dataFiles: 'hf://datasets/acme/seeds/b.jsonl' }
  const nowhere = filesOf({ HF_ENDPOINT: 'http://127.0.0.1:9' })
  await expect(nowhere.fingerprint(request)).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('http://127.0.0.1:9'),
  })
  hub.failNext('acme/seeds/revision', 503, 5)
  await expect(filesOf().fingerprint(request)).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('could not look up the files of dataset'),
  })
})
