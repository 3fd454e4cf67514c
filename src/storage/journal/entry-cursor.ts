import { messageOf } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { blockAnswers, decodeBlock } from './journal-block.ts'
import { type EntryPlace, parseLine } from './journal-entry-line.ts'
import { corrupt, hashBytes, indexEntryBytes, type ObjectEnd } from './journal-object.ts'

const mostBytesAtOnce = 512 * 1024

/** An entry as it stands in an object. */
export interface StoredEntry extends EntryPlace {
  readonly line: string
  /** Its number in the object. */
  readonly number: number
}

/** Goes through the entries of an object in order, with a few of its blocks in memory. */
export class EntryCursor {
  readonly #store: Store
  readonly #key: string
  readonly #end: ObjectEnd
  readonly #bytesAtOnce: number
  #bytes: Uint8Array = new Uint8Array()
  #bytesFrom = 0
  #offset = 0
  #block = -1
  #entries: readonly StoredEntry[] = []
  #next = 0

  /** @param bytesAtOnce - what it may read ahead, where a block is not larger than that */
  constructor(store: Store, key: string, end: ObjectEnd, bytesAtOnce: number) {
    this.#store = store
    this.#key = key
    this.#end = end
    this.#bytesAtOnce = Math.min(bytesAtOnce, mostBytesAtOnce)
  }

  /** The entry that it stands at, after {@link load}. */
  get entry(): StoredEntry | undefined {
    return this.#entries[this.#next]
  }

  /** Goes on by one; returns whether the next block has to be loaded. */
  advance(): boolean {
    this.#next += 1
    return this.#next >= this.#entries.length
  }

  /** Loads the next block, if there is one. @throws RetortError `store-corrupt` */
  async load(): Promise<void> {
    this.#block += 1
    this.#next = 0
    this.#entries = []
    const length = this.#end.footer.blocks[this.#block]
    if (length === undefined) return
    const bytes = await this.#read(length)
    this.#offset += length
    const lines = await this.#decode(bytes)
    this.#entries = lines.map((line, index) =>
      this.#parse(line, this.#block * blockAnswers + index),
    )
    if (
      lines.length !== Math.min(blockAnswers, this.#end.footer.answers - this.#block * blockAnswers)
    )
      throw corrupt(this.#key, `block ${this.#block} holds ${lines.length} answers`)
  }

  async #read(length: number): Promise<Uint8Array> {
    const isHere = this.#offset + length <= this.#bytesFrom + this.#bytes.length
    if (!isHere) {
      const { blocks } = this.#end.footer
      let bytes = length
      for (let block = this.#block + 1; block < blocks.length; block += 1) {
        const more = blocks[block] ?? 0
        if (bytes + more > this.#bytesAtOnce) break
        bytes += more
      }
      const read = await this.#store.getRange(this.#key, this.#offset, this.#offset + bytes)
      if (read?.length !== bytes)
        throw corrupt(this.#key, 'it was removed or cut while it was read')
      this.#bytes = read
      this.#bytesFrom = this.#offset
    }
    const from = this.#offset - this.#bytesFrom
    return this.#bytes.subarray(from, from + length)
  }

  async #decode(bytes: Uint8Array): Promise<readonly string[]> {
    try {
      return await decodeBlock(bytes)
    } catch (error) {
      throw corrupt(this.#key, `block ${this.#block} cannot be read: ${messageOf(error)}`, error)
    }
  }

  #parse(line: string, number: number): StoredEntry {
    const entry = parseLine(line)
    const at = number * indexEntryBytes
    const hash = this.#end.index.toString('hex', at, at + hashBytes)
    if (entry?.hash !== hash)
      throw corrupt(this.#key, `block ${this.#block} holds something other than its index says`)
    const { position, place } = entry
    return { hash, position, place, line, number }
  }
}
