import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import { canonicalJson } from '../../../src/core/json.ts'
import { createFileStore } from '../../../src/storage/file-store.ts'
import { stageSource } from '../../../src/storage/sources/stage-source.ts'
import { findStagedSource, openStagedSource } from '../../../src/storage/sources/staged-source.ts'
import type { Store } from '../../../src/storage/store.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function makeStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-test-staged-'))
  folders.push(folder)
  return createFileStore(folder)
}

const { signal } = new AbortController()

/** Identities as they are defined, counted the simple way. */
function identitiesOf(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>()
  return rows.map((row) => {
    const text = canonicalJson(row)
    const count = counts.get(text) ?? 0
    counts.set(text, count + 1)
    return createHash('sha256').update(`${text}#${count}`).digest('hex').slice(0, 32)
  })
}

function makeRows(count: number, different: number): Row[] {
  return Array.from({ length: count }, (_, position) => ({
    text: `row ${(position * 7919) % different}`,
    nested: { a: [position % 3] },
  }))
}

/** A store that notes what is asked of it. */
function listenTo(store: Store): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = []
  const proxy = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: readonly unknown[]) => {
        calls.push(`${String(name)} ${String(args[0])}`)
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
  return { store: proxy, calls }
}

test('staged rows come back in order, with their origins and identities', async () => {
  const store = await makeStore()
  const rows = makeRows(2_345, 1_000)
  await stageSource(store, { key: 'k', rows, signal })
  const source = await openStagedSource(store, 'k')
  expect(source.manifest.rows).toBe(2_345)
  const all = await source.rows(0, 9_999)
  expect(all.map(({ row }) => row)).toEqual(rows)
  expect(all.map(({ origin }) => origin)).toEqual(rows.map((_, position) => String(position)))
  expect(all.map(({ identity }) => identity)).toEqual(identitiesOf(rows))
  expect(await source.rows(990, 1_040)).toEqual(all.slice(990, 1_040))
  expect(await source.identities(2_300, 2_400)).toEqual(identitiesOf(rows).slice(2_300))
  expect(await source.rows(5_000, 5_050)).toEqual([])
})

test('equal rows are told apart by their order, however few hashes fit into memory', async () => {
  const store = await makeStore()
  const rows = makeRows(70_000, 60_000)
  const expected = identitiesOf(rows)
  for (const maxRowsInMemory of [70_000, 69_999, 9_000]) {
    const key = `k${maxRowsInMemory}`
    const source = await stageSource(store, { key, rows, signal, maxRowsInMemory })
    expect(await source.identities(0, rows.length)).toEqual(expected)
  }
})

test("the order of a row's columns is kept, and does not matter for its identity", async () => {
  const store = await makeStore()
  const source = await stageSource(store, {
    key: 'k',
    rows: [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ],
    signal,
  })
  const [first, second] = await source.rows(0, 2)
  expect(Object.keys(first?.row ?? {})).toEqual(['b', 'a'])
  expect([first?.identity, second?.identity]).toEqual(
    identitiesOf([
      { a: 2, b: 1 },
      { a: 2, b: 1 },
    ]),
  )
})

test('a source that is staged already is not read again', async () => {
  const store = await makeStore()
  await stageSource(store, { key: 'k', rows: makeRows(3, 3), signal })
  const unread = {
    [Symbol.iterator]: () => {
      throw new Error('read again')
    },
  }
  const source = await stageSource(store, { key: 'k', rows: unread, signal })
  expect(source.manifest.rows).toBe(3)
})

test('a batch reads only the blocks that it needs, and readers of one block share it', async () => {
  const { store, calls } = listenTo(await makeStore())
  await stageSource(store, { key: 'k', rows: makeRows(5_000, 5_000), signal })
  const source = await openStagedSource(store, 'k')
  calls.length = 0
  await Promise.all([0, 50, 100, 950].map((from) => source.rows(from + 1_000, from + 1_050)))
  expect(calls.filter((call) => call.startsWith('get sources/k/rows/'))).toHaveLength(1)
  expect(calls.filter((call) => call.startsWith('getRange'))).toHaveLength(1)
  await source.rows(1_990, 2_010)
  expect(calls).toHaveLength(3)
})

test('a step that changes the rows that it was given changes them for nobody else', async () => {
  const source = await stageSource(await makeStore(), { key: 'k', rows: [{ a: [1] }], signal })
  const [staged] = await source.rows(0, 1)
  Object.assign(staged?.row ?? {}, { a: 'changed' })
  expect((await source.rows(0, 1))[0]?.row).toEqual({ a: [1] })
})

test('large rows are stored a few at a time', async () => {
  const store = await makeStore()
  const rows = Array.from({ length: 20 }, (_, id) => ({ id, text: 'x'.repeat(1_000_000) }))
  const source = await stageSource(store, { key: 'k', rows, signal })
  expect(source.manifest.blocks).toHaveLength(4)
  expect((await source.rows(4, 17)).map(({ row }) => row)).toEqual(rows.slice(4, 17))
})

test('what a failed attempt left behind is not mixed with what a later one stages', async () => {
  const store = await makeStore()
  const bad = Array.from({ length: 2_500 }, (_, id) => ({ id: `bad ${id}` }))
  const good = Array.from({ length: 2_500 }, (_, id) => ({ id: `good ${id}` }))
  async function* failing() {
    yield* bad
    throw new Error('the file changed')
  }
  await expect(stageSource(store, { key: 'k', rows: failing(), signal })).rejects.toThrow(
    'the file changed',
  )
  expect(await findStagedSource(store, 'k')).toBeUndefined()
  await expect(openStagedSource(store, 'k')).rejects.toMatchObject({ code: 'store-corrupt' })
  const source = await stageSource(store, { key: 'k', rows: good, signal })
  expect((await source.rows(0, 2_500)).map(({ row }) => row)).toEqual(good)
})

test('two that stage the same source at once end with the same', async () => {
  const store = await makeStore()
  const rows = makeRows(3_000, 100)
  const sources = await Promise.all(
    [1, 2].map(() => stageSource(store, { key: 'k', rows, signal })),
  )
  expect(sources[0]?.manifest).toEqual(sources[1]?.manifest)
})

test('staging tells how far it is, and ends when it is told to', async () => {
  const store = await makeStore()
  const controller = new AbortController()
  const progress: number[] = []
  const onProgress = (count: number) => {
    progress.push(count)
    if (count >= 2_000) controller.abort(new Error('told to end'))
  }
  const request = { key: 'k', rows: makeRows(10_000, 10), signal: controller.signal, onProgress }
  await expect(stageSource(store, request)).rejects.toThrow('told to end')
  expect(progress).toEqual([1_000, 2_000])
  expect(await findStagedSource(store, 'k')).toBeUndefined()
})

test('a source without rows is staged as such', async () => {
  const source = await stageSource(await makeStore(), { key: 'k', rows: [], signal })
  expect(source.manifest).toMatchObject({ rows: 0, columns: {}, blocks: [] })
  expect(await source.rows(0, 50)).toEqual([])
})

test('columns have their types over all rows', async () => {
  const rows = [
    { id: 1, text: 'a', extra: [1] },
    { id: 2.5, text: null, extra: [] },
  ]
  const source = await stageSource(await makeStore(), { key: 'k', rows, signal })
  expect(source.manifest.columns).toEqual({
    id: { type: 'number' },
    text: { type: ['string', 'null'] },
    extra: { type: 'array', items: { type: 'integer' } },
  })
})

test.each([
  [[{ id: 1 }, 'text'], 'Row 2 of the source is no object.'],
  [[{ id: 1n }], 'Row 1 of the source cannot be written as JSON: '],
])('what is no row is an error: %#', async (rows, message) => {
  // A generator written in JavaScript can yield anything.
  const request = { key: 'k', rows: rows as readonly Row[], signal }
  await expect(stageSource(await makeStore(), request)).rejects.toMatchObject({
    code: 'step-threw',
    message: expect.stringContaining(message),
  })
})

test('a block that is gone or damaged is an error that says what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'retort-test-staged-'))
  folders.push(folder)
  const store = createFileStore(folder)
  const { manifest } = await stageSource(store, { key: 'k', rows: makeRows(10, 10), signal })
  const block = `sources/k/rows/${manifest.blocks[0]}`
  await rm(join(folder, block), { force: true })
  const read = async () => await (await openStagedSource(store, 'k')).rows(0, 5)
  await expect(read()).rejects.toMatchObject({
    code: 'store-corrupt',
    message: expect.stringContaining(`'${block}' in ${store.uri} is not there`),
  })
  await writeFile(join(folder, block), 'damaged')
  await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('is damaged') })
})
