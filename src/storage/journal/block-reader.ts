import { LRUCache } from 'lru-cache'

import { messageOf } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { decodeBlock } from './journal-block.ts'
import type { IndexedObject } from './journal-index.ts'

/** Blocks that lie this near to one another are read at once. */
const nearBytes = 32 * 1024
const mostBytesAtOnce = 4 * 1024 * 1024
/** What a line takes in memory beside its text. */
const lineBytes = 64

/** A block as it was found: its lines, or why they cannot be read. */
export type ReadBlock =
  | { readonly lines: readonly string[] }
  | { readonly damage: string }
  | 'object-gone'

/** Reads blocks of objects, near ones at once, and keeps those that were used last. */
export class BlockReader {
  readonly #store: Store
  readonly #kept: LRUCache<string, readonly string[]>
  readonly #reading = new Map<string, Promise<ReadBlock>>()

  constructor(store: Store, keptBytes: number) {
    this.#store = store
    this.#kept = new LRUCache({ maxSize: keptBytes, sizeCalculation: sizeOf })
  }

  /** Keeps a block that was just written. */
  keep(key: string, block: number, lines: readonly string[]): void {
    this.#kept.set(idOf(key, block), lines)
  }

  /** Reads some blocks of one object. */
  async read(
    object: IndexedObject,
    blocks: ReadonlySet<number>,
  ): Promise<ReadonlyMap<number, ReadBlock>> {
    const found = new Map<number, Promise<ReadBlock>>()
    const missing: number[] = []
    for (const block of blocks) {
      const id = idOf(object.key, block)
      const lines = this.#kept.get(id)
      const reading = this.#reading.get(id)
      if (lines !== undefined) found.set(block, Promise.resolve({ lines }))
      else if (reading !== undefined) found.set(block, reading)
      else missing.push(block)
    }
    for (const run of toRuns(
      object,
      missing.sort((a, b) => a - b),
    ))
      for (const [block, reading] of this.#readRun(object, run)) found.set(block, reading)
    return new Map(
      await Promise.all([...found].map(async ([block, read]) => [block, await read] as const)),
    )
  }

  #readRun(object: IndexedObject, run: readonly number[]): Map<number, Promise<ReadBlock>> {
    const from = object.offsets[run[0] ?? 0] ?? 0
    const to = object.offsets[(run.at(-1) ?? 0) + 1] ?? 0
    const range = this.#store.getRange(object.key, from, to)
    const readings = new Map<number, Promise<ReadBlock>>()
    for (const block of run) {
      const id = idOf(object.key, block)
      const reading = range
        .then(async (bytes) => {
          if (bytes === undefined) return 'object-gone'
          const start = (object.offsets[block] ?? 0) - from
          const end = (object.offsets[block + 1] ?? 0) - from
          const read = await decode(bytes.subarray(start, end))
          if ('lines' in read) this.#kept.set(id, read.lines)
          return read
        })
        .finally(() => this.#reading.delete(id))
      this.#reading.set(id, reading)
      readings.set(block, reading)
    }
    return readings
  }
}

/** Splits ascending blocks into runs that are worth one read each. */
function toRuns({ offsets }: IndexedObject, blocks: readonly number[]): number[][] {
  const runs: number[][] = []
  let run: number[] = []
  for (const block of blocks) {
    const start = offsets[run[0] ?? block] ?? 0
    const last = offsets[(run.at(-1) ?? block) + 1] ?? 0
    const isNear = (offsets[block] ?? 0) - last <= nearBytes
    const isSmall = (offsets[block + 1] ?? 0) - start <= mostBytesAtOnce
    if (run.length > 0 && isNear && isSmall) run.push(block)
    else runs.push((run = [block]))
  }
  return runs
}

async function decode(bytes: Uint8Array): Promise<ReadBlock & object> {
  try {
    return { lines: await decodeBlock(bytes) }
  } catch (error) {
    return { damage: messageOf(error) }
  }
}

function idOf(key: string, block: number): string {
  return `${key}/${block}`
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length + lineBytes, 1)
}
