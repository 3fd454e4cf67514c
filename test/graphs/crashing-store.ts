import type { Store } from '../../src/storage/store.ts'

/** What a process that is gone makes of everything. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/**
 * A store as a process sees it that dies in the middle: after so many writes, before or behind the last one, nothing works
 * any longer.
 *
 * @param writes - writes that succeed
 * @param isStored - whether the object is there at which the process dies
 */
export function createCrashingStore(store: Store, writes: number, isStored: boolean): Store {
  let left = writes
  const isDead = () => left < 0
  const alive = () => {
    if (isDead()) throw new Crash('The process is gone.')
  }
  const read =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      alive()
      const found = await work(...args)
      alive()
      return found
    }
  const write =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      alive()
      left--
      if (isDead() && !isStored) throw new Crash('The process dies.')
      const written = await work(...args)
      alive()
      return written
    }
  return {
    uri: store.uri,
    get: read((key) => store.get(key)),
    getVersioned: read((key) => store.getVersioned(key)),
    getRange: read((key, from, to) => store.getRange(key, from, to)),
    read: read((key) => store.read(key)),
    head: read((key) => store.head(key)),
    putIfAbsent: write((key, bytes) => store.putIfAbsent(key, bytes)),
    writeIfAbsent: write((key, pieces) => store.writeIfAbsent(key, pieces)),
    compareAndSet: write((key, bytes, expected) => store.compareAndSet(key, bytes, expected)),
    put: write((key, bytes) => store.put(key, bytes)),
    delete: write((key) => store.delete(key)),
    async *list(prefix) {
      alive()
      for await (const info of store.list(prefix)) {
        alive()
        yield info
      }
    },
  }
}
