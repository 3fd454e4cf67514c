import { beforeEach, expect, test } from 'vitest'

import { noBatchFigures } from '../../../src/core/staged-row.ts'
import type { RejectedRow, StagedRow } from '../../../src/core/staged-row.ts'
import { encodeChunk } from '../../../src/storage/chunk.ts'
import { rowSetKeys } from '../../../src/storage/row-sets/row-set-keys.ts'
import { readRowSetPart, writeRowSetPart } from '../../../src/storage/row-sets/row-set-part.ts'
import { openRowSet, readRowSetManifest } from '../../../src/storage/row-sets/row-set.ts'
import type { RowSetManifest } from '../../../src/storage/row-sets/row-set.ts'
import { stagedRowLine } from '../../../src/storage/staged-row-line.ts'
import type { Store } from '../../../src/storage/store.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'

const key = 'pipelines/p/sets/s/1'
const keys = rowSetKeys(key)
let store: Store

beforeEach(() => {
  store = createMemoryStore()
})

const rowsOf = (first: number, count: number): StagedRow[] =>
  Array.from({ length: count }, (_, index) => ({
    origin: `${first + index}.0`,
    identity: `id${first + index}.0`,
    row: { v: first + index },
    ...(index % 2 === 0 ? {} : { places: [7] }),
  }))

/** Writes parts of so many rows each, and what makes them a set. */
async function write(sizes: readonly number[], rejected = 0): Promise<StagedRow[]> {
  const all: StagedRow[] = []
  for (const [part, size] of sizes.entries()) {
    const rows = rowsOf(all.length, size)
    await writeRowSetPart(store, key, part, rows.map(stagedRowLine))
    all.push(...rows)
  }
  const parts = await Promise.all(sizes.map((_, part) => readRowSetPart(store, key, part)))
  const manifest: RowSetManifest = {
    version: 1,
    rows: all.length,
    rejected,
    parts: parts.filter((part) => part !== undefined),
  }
  await store.putIfAbsent(keys.manifest, Buffer.from(JSON.stringify(manifest)))
  return all
}

const placed = (rows: readonly StagedRow[], from = 0) =>
  rows.map((row, index) => ({ ...row, places: [...(row.places ?? []), from + index] }))

test('rows of several parts and blocks are read in order, and know where they stand among all of them', async () => {
  const all = await write([3, 0, 2_300, 1])
  const set = await openRowSet(store, key)
  expect(await set.rows(0, all.length)).toEqual(placed(all))
  for (const [from, to] of [
    [2, 5],
    [1_001, 1_004],
    [2_302, 2_304],
    [2_303, 9_999],
  ] as const)
    expect(await set.rows(from, to)).toEqual(placed(all.slice(from, to), from))
  expect(await set.rows(2_304, 2_310)).toEqual([])
})

test('fingerprints tell rows apart by origin, identity, places and content, and are read range by range', async () => {
  const all = await write([3, 0, 1_200, 1])
  const set = await openRowSet(store, key)
  const whole = await set.fingerprints(0, all.length)
  expect(new Set(whole).size).toBe(all.length)
  expect(await set.fingerprints(2, 4)).toEqual(whole.slice(2, 4))
  expect(await set.fingerprints(1_202, 1_204)).toEqual(whole.slice(1_202))
  expect(await set.fingerprints(5, 5)).toEqual([])
  expect(await set.identities(1, 3)).toEqual(['id1', 'id2'])
})

test('a part that is written again stays as it was, also by one that was interrupted', async () => {
  const before = new Map<string, string>()
  const lines = rowsOf(0, 1_500).map(stagedRowLine)
  const keysOf = async () =>
    (await Array.fromAsync(store.list(''))).map((info) => info.key).toSorted()
  const interrupted = async function* () {
    yield* lines.slice(0, 1_200)
    throw new Error('Interrupted.')
  }
  await expect(writeRowSetPart(store, key, 0, interrupted())).rejects.toThrow('Interrupted.')
  expect(await readRowSetPart(store, key, 0)).toBeUndefined()
  for (let time = 0; time < 2; time++) {
    await writeRowSetPart(store, key, 0, lines)
    for (const name of await keysOf())
      before.set(
        name,
        before.get(name) ?? Buffer.from((await store.get(name)) ?? []).toString('hex'),
      )
  }
  expect([...before.keys()].toSorted()).toEqual(await keysOf())
  expect(before.size).toBe(4)
})

test('rejected rows are kept beside the rows, in the order of the slices', async () => {
  const rejectedRow = (origin: string): RejectedRow => ({
    origin,
    identity: origin,
    step: 'weigh',
    code: 'output-invalid',
    reason: 'No.',
    raw: null,
    row: { v: 1 },
  })
  await write([2], 3)
  const put = async (slice: number, ...origins: string[]) => {
    const rejected = origins.map(rejectedRow)
    const chunk = { run: 'run', figures: noBatchFigures, rows: [], rejected }
    await store.putIfAbsent(keys.rejected(slice), await encodeChunk(chunk))
  }
  await put(10, '99')
  await put(2, '7', '8')
  const set = await openRowSet(store, key)
  const origins = (await Array.fromAsync(set.rejectedRows())).map(({ origin }) => origin)
  expect(origins).toEqual(['7', '8', '99'])
  await store.delete(keys.rejected(2))
  const { code, message } = await rejectionOf(Array.fromAsync(set.rejectedRows()))
  expect(code).toBe('store-corrupt')
  expect(message).toContain('Only 1 of 3 rejected rows')
})

test('rows that are not complete are not there', async () => {
  await writeRowSetPart(store, key, 0, rowsOf(0, 5).map(stagedRowLine))
  expect(await readRowSetManifest(store, key)).toBeUndefined()
  expect((await rejectionOf(openRowSet(store, key))).code).toBe('store-corrupt')
})

test('whatever is damaged of a set is told with what to do', async () => {
  await write([1_200])
  const names = (await Array.fromAsync(store.list(`${key}/`))).map((info) => info.key)
  const damage = async (part: string, bytes: Uint8Array | undefined) => {
    const name = names.find((one) => one.startsWith(`${key}/${part}`)) ?? ''
    const whole = (await store.get(name)) ?? new Uint8Array()
    await store.delete(name)
    if (bytes !== undefined) await store.put(name, bytes)
    return { name, mend: () => store.put(name, whole) }
  }
  for (const bytes of [undefined, Buffer.from('none')]) {
    const block = await damage('rows/', bytes)
    const set = await openRowSet(store, key)
    const { code, message } = await rejectionOf(set.rows(0, 1))
    expect(code).toBe('store-corrupt')
    expect(message).toContain(block.name)
    expect(message).toContain(`delete what begins with '${key}/'`)
    await block.mend()
  }
  const fingerprints = await damage('fingerprints/', undefined)
  const { code, message } = await rejectionOf((await openRowSet(store, key)).fingerprints(0, 1))
  expect(code).toBe('store-corrupt')
  expect(message).toContain(fingerprints.name)
  expect(message).toContain(`delete what begins with '${key}/'`)
})
