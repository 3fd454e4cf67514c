import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { createFileStore } from '../../src/storage/file-store.ts'
import { probeStore } from '../../src/storage/probe-store.ts'
import type { Store } from '../../src/storage/store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retort-store-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a store that does what runs rely on passes every probe, and nothing stays there', async () => {
  const store = createFileStore(folder)
  const probes = await probeStore(store)
  expect(probes.filter(({ ok }) => !ok)).toEqual([])
  expect(probes.map(({ name }) => name)).toContain('put if absent')
  for await (const { key } of store.list('')) expect.unreachable(key)
})

test('a store whose writes know no conditions is found out', async () => {
  const probes = await probeStore(withoutConditions(createFileStore(folder)))
  expect(probes.filter(({ ok }) => !ok)).toMatchObject([
    { name: 'put if absent', message: expect.stringContaining('8 succeeded') },
    { name: 'compare and set', message: expect.stringContaining('If-Match') },
  ])
})

test('a store that fails says why', async () => {
  const store = createFileStore('/dev/null/store')
  for (const { ok, message } of await probeStore(store)) {
    expect(ok).toBe(false)
    expect(message).toContain('ENOTDIR')
  }
})

function withoutConditions(store: Store): Store {
  return {
    uri: store.uri,
    get: (key) => store.get(key),
    getVersioned: (key) => store.getVersioned(key),
    getRange: (key, from, to) => store.getRange(key, from, to),
    read: (key) => store.read(key),
    head: (key) => store.head(key),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    put: (key, bytes) => store.put(key, bytes),
    writeIfAbsent: (key, pieces) => store.writeIfAbsent(key, pieces),
    putIfAbsent: async (key, bytes) => {
      await store.put(key, bytes)
      return true
    },
    compareAndSet: async (key, bytes) => {
      await store.put(key, bytes)
      return 'any'
    },
  }
}
