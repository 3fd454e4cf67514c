import { LRUCache } from 'lru-cache'

import { RetortError } from '../src/core/errors.ts'
import type { Chunk } from '../src/core/staged-row.ts'
import { decodeChunk, encodeChunk } from '../src/storage/chunk.ts'
import type { Store } from '../src/storage/store.ts'

/** What one step wrote, the next one or the dataset reads; bounded by count and by bytes. */
const atHand = { max: 64, maxSize: 8 * 1024 * 1024 }

/** The chunks of a store, with those at hand that were written a moment ago. */
export class Chunks {
  readonly #store: Store
  readonly #atHand = new LRUCache<string, Uint8Array>(atHand)

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * Each call gives objects of its own, as they are in the store: what a step's code does to its rows concerns nobody
   * else, and a value that JSON does not know reads alike from here and from there.
   */
  async get(key: string): Promise<Chunk | undefined> {
    const bytes = this.#atHand.get(key) ?? (await this.#store.get(key))
    return bytes === undefined ? undefined : await decodeChunk(bytes, key)
  }

  /** @throws RetortError `store-corrupt` where the chunk is not there */
  async require(key: string): Promise<Chunk> {
    const chunk = await this.get(key)
    if (chunk !== undefined) return chunk
    throw new RetortError(
      'store-corrupt',
      `'${key}' is missing in the store; start the run again to make it anew.`,
    )
  }

  /** Stores a chunk; where another worker was first, that one's chunk is returned and holds. */
  async put(key: string, chunk: Chunk): Promise<Chunk> {
    const bytes = await encodeChunk(chunk)
    if (!(await this.#store.putIfAbsent(key, bytes))) return (await this.get(key)) ?? chunk
    this.#atHand.set(key, bytes, { size: bytes.length })
    return chunk
  }
}
