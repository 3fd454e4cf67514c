import { createHash } from 'node:crypto'

import { createHashCounts } from './hash-counts.ts'
import type { HashCounts } from './hash-counts.ts'
import { identityBytes, identityOf } from './row-identity.ts'
import type { Identities } from './row-identity.ts'
import { createSpilledIdentities } from './spilled-identities.ts'
import type { SpilledIdentities } from './spilled-identities.ts'

/**
 * Finds each row's identity: the hash of its content and of how many equal rows stand before it.
 *
 * Counting is exact in bounded memory: past `maxInMemory` rows it goes through a temporary file, a range of hashes at a
 * time.
 */
export interface RowIdentities {
  /** Takes the next row. */
  add(canonicalRow: string): void
  /** Moves what need not stay in memory to disk; to be called now and then. */
  flush(): Promise<void>
  /** Ends the counting. `canonicalRow` gives a row that was added again; it is asked for in order of positions. */
  finish(canonicalRow: (position: number) => Promise<string>): Promise<Identities>
  dispose(): Promise<void>
}

/** Starts to identify the rows of a source. */
export function createRowIdentities(maxInMemory: number): RowIdentities {
  let counts: HashCounts | undefined = createHashCounts()
  /** Identities of rows that are not the first of their kind. */
  const repeats = new Map<number, string>()
  let firsts = Buffer.alloc(1024 * identityBytes)
  let filled = 0
  let rows = 0
  let spilled: SpilledIdentities | undefined
  return {
    add(canonicalRow) {
      if (filled === firsts.length) firsts = Buffer.concat([firsts], firsts.length * 2)
      firsts.write(identityOf(canonicalRow, 0), filled, 'latin1')
      const count = rows < maxInMemory ? (counts?.add(firsts, filled) ?? 0) : 0
      if (count > 0) repeats.set(rows, identityOf(canonicalRow, count))
      filled += identityBytes
      rows++
    },
    async flush() {
      if (rows <= maxInMemory) return
      counts = undefined
      repeats.clear()
      spilled ??= await createSpilledIdentities()
      await spilled.append(firsts.subarray(0, filled))
      filled = 0
    },
    async finish(canonicalRow) {
      if (rows > maxInMemory) await this.flush()
      if (spilled !== undefined) return await spilled.finish(maxInMemory, canonicalRow)
      const bytes = firsts.subarray(0, filled)
      for (const [position, identity] of repeats)
        bytes.write(identity, position * identityBytes, 'latin1')
      return {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        size: bytes.length,
        async *pieces() {
          yield bytes
        },
      }
    },
    dispose: async () => await spilled?.dispose(),
  }
}
