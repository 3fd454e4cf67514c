import { createHash } from 'node:crypto'

import { checkKey, checkPrefix } from '../../src/storage/store-key.ts'
import type { ObjectInfo, Store } from '../../src/storage/store.ts'

interface StoredObject {
  readonly bytes: Uint8Array
  readonly modified: Date
}

/** Makes a store that is gone with its test, for tests that make very many objects. */
export function createMemoryStore(): Store {
  const objects = new Map<string, StoredObject>()
  const find = (key: string) => {
    checkKey(key)
    return objects.get(key)
  }
  const set = (key: string, bytes: Uint8Array) => {
    checkKey(key)
    objects.set(key, { bytes: Uint8Array.from(bytes), modified: new Date() })
  }
  const infoOf = (key: string, { bytes, modified }: StoredObject): ObjectInfo => ({
    key,
    size: bytes.length,
    modified,
  })
  const putIfAbsent = async (key: string, bytes: Uint8Array) => {
    if (find(key) !== undefined) return false
    set(key, bytes)
    return true
  }
  return {
    uri: 'memory:',
    get: async (key) => copyOf(find(key)?.bytes),
    async getVersioned(key) {
      const bytes = copyOf(find(key)?.bytes)
      return bytes === undefined ? undefined : { bytes, version: versionOf(bytes) }
    },
    getRange: async (key, from, to) => find(key)?.bytes.slice(from, to),
    async read(key) {
      const bytes = find(key)?.bytes
      return bytes === undefined ? undefined : piecesOf(bytes)
    },
    async head(key) {
      const object = find(key)
      return object === undefined ? undefined : infoOf(key, object)
    },
    putIfAbsent,
    async writeIfAbsent(key, pieces) {
      const collected: Uint8Array[] = []
      for await (const piece of pieces) collected.push(piece)
      return await putIfAbsent(key, Buffer.concat(collected))
    },
    async compareAndSet(key, bytes, expected) {
      const there = find(key)
      if ((there === undefined ? undefined : versionOf(there.bytes)) !== expected) return undefined
      set(key, bytes)
      return versionOf(bytes)
    },
    put: async (key, bytes) => set(key, bytes),
    async *list(prefix) {
      checkPrefix(prefix)
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
      for (const key of keys) {
        const object = objects.get(key)
        if (object !== undefined) yield infoOf(key, object)
      }
    },
    async delete(key) {
      checkKey(key)
      objects.delete(key)
    },
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const size = 256 * 1024
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size)
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : Uint8Array.from(bytes)
}

function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
