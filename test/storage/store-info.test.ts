import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { createFileStore } from '../../src/storage/file-store.ts'
import { checkStore } from '../../src/storage/store-info.ts'
import type { Store } from '../../src/storage/store.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retort-store-'))
  store = createFileStore(folder)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a store keeps the id that it is given first', async () => {
  const ids = await Promise.all(
    Array.from({ length: 8 }, async () => (await checkStore(createFileStore(folder))).storeId),
  )
  expect(new Set(ids).size).toBe(1)
  expect(await checkStore(store)).toEqual({ storeId: ids[0] })
  expect(await checkStore(store, { access: 'read' })).toEqual({ storeId: ids[0] })
  const text = await readFile(join(folder, 'retort.json'), 'utf8')
  expect(JSON.parse(text)).toEqual({ formatVersion: 1, storeId: ids[0] })
})

test('a store that is only to be read is not made', async () => {
  await expect(checkStore(store, { access: 'read' })).rejects.toMatchObject({
    code: 'store-unreachable',
    message: expect.stringContaining(`Store 'file:${folder}' is empty`),
  })
  expect(await store.get('retort.json')).toBeUndefined()
})

test('a store of a newer format is refused', async () => {
  await writeFile(join(folder, 'retort.json'), '{"formatVersion":2,"storeId":7}')
  await expect(checkStore(store)).rejects.toMatchObject({
    code: 'store-newer',
    message: expect.stringContaining('has format 2, this version of Retort knows up to 1'),
  })
})

test.each(['', 'hello', '[]', '{}', '{"formatVersion":"1"}', '{"formatVersion":1,"storeId":""}'])(
  'a store that says %j of itself is corrupt',
  async (text) => {
    await writeFile(join(folder, 'retort.json'), text)
    await expect(checkStore(store)).rejects.toMatchObject({
      code: 'store-corrupt',
      message: expect.stringContaining(`'retort.json' of store 'file:${folder}'`),
    })
  },
)
