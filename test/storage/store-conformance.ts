import { createHash } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { ObjectInfo, Store } from '../../src/storage/store.ts'

/** Tests what every store promises. `create` makes one that is empty. */
export function testStore(name: string, create: () => Promise<Store>): void {
  describe(name, { timeout: 60_000 }, () => {
    let store: Store
    beforeEach(async () => {
      store = await create()
    })
    afterEach(async () => {
      await store.close?.()
    })

    test('an object that is not there is undefined, however it is asked for', async () => {
      expect(await store.get('a/b')).toBeUndefined()
      expect(await store.getVersioned('a/b')).toBeUndefined()
      expect(await store.getRange('a/b', 0, 10)).toBeUndefined()
      expect(await store.getRange('a/b', 3, 3)).toBeUndefined()
      expect(await store.read('a/b')).toBeUndefined()
      expect(await store.head('a/b')).toBeUndefined()
      await store.delete('a/b')
    })

    test('what is put is read back, whole, in part and piece by piece', async () => {
      expect(await store.putIfAbsent('a/b', bytes('0123456789'))).toBe(true)
      expect(text(await store.get('a/b'))).toBe('0123456789')
      expect(text(await store.getRange('a/b', 2, 5))).toBe('234')
      expect(text(await store.getRange('a/b', 8, 50))).toBe('89')
      expect(text(await store.getRange('a/b', 50, 60))).toBe('')
      expect(text(await store.getRange('a/b', 4, 4))).toBe('')
      expect(text(await collect(await store.read('a/b')))).toBe('0123456789')
      const info = await store.head('a/b')
      expect(info).toMatchObject({ key: 'a/b', size: 10 })
      expect(Math.abs(Date.now() - (info?.modified.getTime() ?? 0))).toBeLessThan(60_000)
    })

    test('an empty object is there', async () => {
      expect(await store.putIfAbsent('empty', bytes(''))).toBe(true)
      expect(text(await store.get('empty'))).toBe('')
      expect(await store.writeIfAbsent('empty-too', pieces([]))).toBe(true)
      expect(text(await collect(await store.read('empty-too')))).toBe('')
    })

    test('bytes that are no text come back as they were', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index)
      await store.putIfAbsent('bytes', all)
      expect(Buffer.compare((await store.get('bytes')) ?? bytes(''), all)).toBe(0)
    })

    test('keys may hold every character that keys are made of', async () => {
      const key = 'pipelines/a_b.c/chunks/0:9=x/00-12-Zz'
      await store.putIfAbsent(key, bytes('x'))
      expect(await keysOf(store.list('pipelines/a_b.c/chunks/0:'))).toEqual([key])
    })

    test.each(['', '/a', 'a/', 'a//b', 'a/../b', './a', 'a b', 'ä', '.temp/a'])(
      'a key %j is refused',
      async (key) => {
        await expect(store.get(key)).rejects.toMatchObject({ code: 'internal' })
        await expect(store.putIfAbsent(key, bytes(''))).rejects.toMatchObject({ code: 'internal' })
      },
    )

    test('an object that is there is not put again', async () => {
      expect(await store.putIfAbsent('a', bytes('first'))).toBe(true)
      expect(await store.putIfAbsent('a', bytes('second'))).toBe(false)
      expect(await store.writeIfAbsent('a', pieces([bytes('third')]))).toBe(false)
      expect(text(await store.get('a'))).toBe('first')
    })

    test('of 32 that put one object at once, one succeeds and its bytes stay', async () => {
      const names = Array.from({ length: 32 }, (_, index) => `putter ${index}`)
      const results = await Promise.all(
        names.map((putter) => store.putIfAbsent('deep/er/race', bytes(putter))),
      )
      const winners = names.filter((_, index) => results[index])
      expect(winners).toHaveLength(1)
      expect(text(await store.get('deep/er/race'))).toBe(winners[0])
    })

    test('of 16 that replace one version at once, one succeeds and its bytes stay', async () => {
      const version = await store.compareAndSet('race', bytes('start'), undefined)
      const names = Array.from({ length: 16 }, (_, index) => `setter ${index}`)
      const results = await Promise.all(
        names.map((setter) => store.compareAndSet('race', bytes(setter), version)),
      )
      const winners = names.filter((_, index) => results[index] !== undefined)
      expect(winners).toHaveLength(1)
      expect(text(await store.get('race'))).toBe(winners[0])
    })

    test('compare-and-set replaces the version that was read and no other', async () => {
      const first = await store.compareAndSet('a', bytes('1'), undefined)
      expect(first).toBeDefined()
      expect(await store.compareAndSet('a', bytes('x'), undefined)).toBeUndefined()
      const second = await store.compareAndSet('a', bytes('2'), first)
      expect(second).toBeDefined()
      expect(second).not.toBe(first)
      expect(await store.compareAndSet('a', bytes('x'), first)).toBeUndefined()
      const read = await store.getVersioned('a')
      expect(text(read?.bytes)).toBe('2')
      expect(read?.version).toBe(second)
      expect(await store.compareAndSet('a', bytes('3'), read?.version)).toBeDefined()
    })

    test('compare-and-set does not replace what is gone', async () => {
      const version = await store.compareAndSet('a', bytes('1'), undefined)
      await store.delete('a')
      expect(await store.compareAndSet('a', bytes('2'), version)).toBeUndefined()
      expect(await store.get('a')).toBeUndefined()
    })

    test('a counter that 8 raise at once loses no step', async () => {
      await store.putIfAbsent('counter', bytes('0'))
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let left = 5; left > 0;) if (await isRaised(store, 'counter')) left -= 1
        }),
      )
      expect(text(await store.get('counter'))).toBe('40')
    })

    test('put replaces whatever stood there', async () => {
      await store.put('worker', bytes('1'))
      await store.put('worker', bytes('2'))
      expect(text(await store.get('worker'))).toBe('2')
    })

    test('a deleted object is gone and its key is free', async () => {
      await store.putIfAbsent('a/b', bytes('1'))
      await store.delete('a/b')
      expect(await store.get('a/b')).toBeUndefined()
      expect(await keysOf(store.list(''))).toEqual([])
      expect(await store.putIfAbsent('a/b', bytes('2'))).toBe(true)
    })

    test('a listing has the objects under a prefix, in order of keys, and nothing else', async () => {
      const keys = ['a', 'b-c', 'b.c', 'b/c', 'b/d/e', 'b/d-e', 'b0', 'c/a'].toSorted()
      for (const key of keys.toReversed()) await store.putIfAbsent(key, bytes(key))
      expect(await keysOf(store.list(''))).toEqual(keys)
      expect(await keysOf(store.list('b'))).toEqual(keys.filter((key) => key.startsWith('b')))
      expect(await keysOf(store.list('b/'))).toEqual(['b/c', 'b/d-e', 'b/d/e'])
      expect(await keysOf(store.list('b/d'))).toEqual(['b/d-e', 'b/d/e'])
      expect(await keysOf(store.list('d'))).toEqual([])
      expect(await keysOf(store.list('a/b/c'))).toEqual([])
      for await (const { key, size } of store.list('b/d')) expect(size).toBe(key.length)
    })

    test('a listing goes on past a thousand objects', async () => {
      const keys = Array.from(
        { length: 1_100 },
        (_, index) => `n/${String(index).padStart(5, '0')}`,
      )
      await Promise.all(keys.map((key) => store.put(key, bytes(''))))
      expect(await keysOf(store.list('n/'))).toEqual(keys)
    })

    test('a large object is written and read piece by piece', async () => {
      const piece = new Uint8Array(1024 * 1024 + 1)
      const written = createHash('sha256')
      async function* content(): AsyncGenerator<Uint8Array> {
        for (let index = 0; index < 24; index += 1) {
          piece.fill(index)
          written.update(piece)
          yield await Promise.resolve(piece.slice())
        }
      }
      expect(await store.writeIfAbsent('large', content())).toBe(true)
      expect((await store.head('large'))?.size).toBe(24 * piece.length)
      const read = createHash('sha256')
      for await (const part of (await store.read('large')) ?? []) read.update(part)
      expect(read.digest('hex')).toBe(written.digest('hex'))
      expect(await store.getRange('large', 20 * piece.length, 20 * piece.length + 3)).toEqual(
        expect.objectContaining({ 0: 20, 1: 20, 2: 20, length: 3 }),
      )
    })

    test('of several that write one large object at once, one succeeds', async () => {
      const size = 9 * 1024 * 1024
      const results = await Promise.all(
        [1, 2, 3].map((value) =>
          store.writeIfAbsent('large', pieces([new Uint8Array(size).fill(value)])),
        ),
      )
      expect(results.filter(Boolean)).toHaveLength(1)
      const [first] = (await store.getRange('large', 0, 1)) ?? []
      expect(results[(first ?? 0) - 1]).toBe(true)
    })

    test('an object whose pieces fail is not there, and the failure comes out as it was', async () => {
      await expect(store.writeIfAbsent('broken', breakAfter(9 * 1024 * 1024))).rejects.toThrow(
        'The source broke.',
      )
      expect(await store.get('broken')).toBeUndefined()
      expect(await keysOf(store.list(''))).toEqual([])
    })

    test('a reading that ends early leaves the store usable', async () => {
      await store.putIfAbsent('a', new Uint8Array(3 * 1024 * 1024))
      for await (const piece of (await store.read('a')) ?? []) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      expect((await store.get('a'))?.length).toBe(3 * 1024 * 1024)
    })
  })
}

async function isRaised(store: Store, key: string): Promise<boolean> {
  const read = await store.getVersioned(key)
  const next = bytes(String(Number(text(read?.bytes)) + 1))
  return (await store.compareAndSet(key, next, read?.version)) !== undefined
}

async function keysOf(listing: AsyncIterable<ObjectInfo>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of listing) keys.push(key)
  return keys
}

async function* pieces(all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of all) yield await Promise.resolve(piece)
}

async function* breakAfter(size: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(size))
  throw new TypeError('The source broke.')
}

async function collect(read: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of read ?? []) parts.push(part)
  return Buffer.concat(parts)
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

function text(content: Uint8Array | undefined): string {
  return new TextDecoder().decode(content)
}
