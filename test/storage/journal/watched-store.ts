import type { Store } from '../../../src/storage/store.ts'

/** What is done to a store. */
export interface StoreCall {
  readonly method: 'get' | 'getRange' | 'putIfAbsent' | 'writeIfAbsent' | 'list'
  readonly key: string
}

/** Tells each call to a store before it is made; what the watcher throws fails the call. */
export function watchStore(store: Store, watch: (call: StoreCall) => void | Promise<void>): Store {
  return {
    uri: store.uri,
    get: async (key) => {
      await watch({ method: 'get', key })
      return await store.get(key)
    },
    getRange: async (key, from, to) => {
      await watch({ method: 'getRange', key })
      return await store.getRange(key, from, to)
    },
    putIfAbsent: async (key, bytes) => {
      await watch({ method: 'putIfAbsent', key })
      return await store.putIfAbsent(key, bytes)
    },
    writeIfAbsent: async (key, pieces) => {
      await watch({ method: 'writeIfAbsent', key })
      return await store.writeIfAbsent(key, pieces)
    },
    list: async function* (prefix) {
      await watch({ method: 'list', key: prefix })
      yield* store.list(prefix)
    },
    getVersioned: (key) => store.getVersioned(key),
    read: (key) => store.read(key),
    head: (key) => store.head(key),
    compareAndSet: (key, bytes, expected) => store.compareAndSet(key, bytes, expected),
    put: (key, bytes) => store.put(key, bytes),
    delete: (key) => store.delete(key),
  }
}
