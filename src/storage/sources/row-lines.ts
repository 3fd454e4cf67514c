import { LRUCache } from 'lru-cache'

import type { Store } from '../store.ts'
import { getRowBlock } from './row-block.ts'

/** Rows that are stored together. */
export interface RowBlock {
  /** The object that holds them. */
  readonly key: string
  /** The position of the first. */
  readonly from: number
}

/** Gives the rows at [from, to) of a source, each as JSON; `to` is not past its end. */
export type RowLines = (from: number, to: number) => Promise<string[]>

/**
 * Reads rows out of blocks. Those that were just read stay at hand, up to about `maxCharacters`, and several readers of
 * one share the read.
 */
export function createRowLines(
  store: Store,
  blocks: readonly RowBlock[],
  maxCharacters: number,
): RowLines {
  const starts = blocks.map(({ from }) => from)
  const cache = new LRUCache<string, string[]>({
    maxSize: maxCharacters,
    // A block that is larger than the cache is read again each time.
    sizeCalculation: (lines) => lines.reduce((sum, line) => sum + line.length + 1, 1),
    fetchMethod: (key) => getRowBlock(store, key),
  })
  return async (from, to) => {
    const found: string[] = []
    for (let index = blockAt(starts, from); (starts[index] ?? to) < to; index++) {
      const start = starts[index] ?? 0
      const lines = await cache.forceFetch(blocks[index]?.key ?? '')
      found.push(...lines.slice(Math.max(from - start, 0), to - start))
    }
    return found
  }
}

/** Index of the block that holds a position. */
function blockAt(starts: readonly number[], position: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= position) low = middle
    else high = middle
  }
  return low
}
