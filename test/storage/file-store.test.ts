import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { createFileStore } from '../../src/storage/file-store.ts'
import { checkStore } from '../../src/storage/store-info.ts'
import { testStore } from './store-conformance.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-store-'))
  folders.push(folder)
  return folder
}

testStore('file store', async () =>
  createFileStore(join(await makeFolder(), 'not', 'yet', 'there')),
)

test('a file store leaves nothing beside its objects', async () => {
  const folder = await makeFolder()
  const store = createFileStore(folder)
  await Promise.all([1, 2, 3].map((n) => store.putIfAbsent('a/b', Buffer.from(String(n)))))
  const version = (await store.getVersioned('a/b'))?.version
  await Promise.all([4, 5, 6].map((n) => store.compareAndSet('a/b', Buffer.from(`${n}`), version)))
  await store.put('c', Buffer.from('7'))
  expect(await readdir(join(folder, '.temp'))).toEqual([])
  await store.delete('a/b')
  expect((await readdir(folder)).toSorted()).toEqual(['.temp', 'c'])
})

test('a file store goes on when its folder is removed under it', async () => {
  const folder = join(await makeFolder(), 'store')
  const store = createFileStore(folder)
  await store.putIfAbsent('a/b', Buffer.from('1'))
  await rm(folder, { recursive: true })
  expect(await store.putIfAbsent('a/b', Buffer.from('2'))).toBe(true)
  expect(await store.get('a/b')).toEqual(Buffer.from('2'))
})

test('a file that can be no object is not listed', async () => {
  const folder = await makeFolder()
  const store = createFileStore(folder)
  await store.putIfAbsent('a/b', Buffer.from('1'))
  await writeFile(join(folder, '.DS_Store'), '')
  await writeFile(join(folder, 'a', 'my notes.txt'), '')
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  expect(keys).toEqual(['a/b'])
})

test('putting and deleting in one folder at once loses no object', async () => {
  const store = createFileStore(await makeFolder())
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      await store.putIfAbsent(`w/q/${index}`, Buffer.from('x'))
      if (index % 2 === 0) await store.delete(`w/q/${index}`)
    }),
  )
  let count = 0
  for await (const { key } of store.list('w/')) count += Number(key.split('/')[2]) % 2
  expect(count).toBe(25)
})

test('a counter that several processes raise loses no step', async () => {
  const folder = await makeFolder()
  const store = createFileStore(folder)
  await store.putIfAbsent('counter', Buffer.from('0'))
  const raiser = join(import.meta.dirname, 'raise-counter.ts')
  const exits = [1, 2, 3].map(() => once(fork(raiser, [folder, '20']), 'exit'))
  expect(await Promise.all(exits)).toEqual([
    [0, null],
    [0, null],
    [0, null],
  ])
  expect(Buffer.from((await store.get('counter')) ?? []).toString()).toBe('60')
}, 60_000)

test('a folder that may not be written says so at first contact, and is read nevertheless', async () => {
  const folder = await makeFolder()
  const { storeId } = await checkStore(createFileStore(folder))
  await chmod(folder, 0o555)
  await asOrdinaryUser(async () => {
    const store = createFileStore(folder)
    await expect(checkStore(store)).rejects.toMatchObject({
      code: 'store-read-only',
      message: expect.stringContaining(`'file:${folder}' cannot be written by this user (EACCES)`),
    })
    await expect(store.putIfAbsent('a', Buffer.from('1'))).rejects.toMatchObject({
      code: 'store-denied',
    })
    expect(await checkStore(store, { access: 'read' })).toEqual({ storeId })
  })
})

test('a store inside of a file is unreachable', async () => {
  const folder = await makeFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(checkStore(createFileStore(join(folder, 'file', 'store')))).rejects.toMatchObject({
    code: 'store-unreachable',
  })
})

test('a store below a folder that takes no names once hung', async () => {
  await expect(checkStore(createFileStore('/proc/no/store'))).rejects.toMatchObject({
    code: process.platform === 'linux' ? 'store-unreachable' : 'store-read-only',
  })
})

test('a disk that fills up in the middle of an object leaves nothing of it', async () => {
  const folder = await makeFolder()
  const store = createFileStore(folder)
  await expect(store.writeIfAbsent('a', fillDisk())).rejects.toMatchObject({
    code: 'store-full',
    message: expect.stringContaining(`Store 'file:${folder}' could not write 'a' (ENOSPC)`),
  })
  expect(await store.head('a')).toBeUndefined()
  expect(await readdir(join(folder, '.temp'))).toEqual([])
})

test('what a crash left a day ago is removed', async () => {
  const folder = await makeFolder()
  await mkdir(join(folder, '.temp'))
  const left = join(folder, '.temp', 'left-over')
  await writeFile(left, 'half')
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000)
  await utimes(left, longAgo, longAgo)
  await createFileStore(folder).put('a', Buffer.from('1'))
  await expect.poll(() => readdir(join(folder, '.temp'))).toEqual([])
})

async function* fillDisk(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('1'))
  throw Object.assign(new Error('write failed'), { code: 'ENOSPC', syscall: 'write' })
}

/** Permissions do not hold for root. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
