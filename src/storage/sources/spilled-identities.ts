import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createHashCounts } from './hash-counts.ts'
import { identityBytes, identityOf } from './row-identity.ts'
import type { Identities } from './row-identity.ts'

/** Identities of more rows than fit into memory, in temporary files. */
export interface SpilledIdentities {
  /** Adds identities as they are if every row is the first of its kind. */
  append(firsts: Uint8Array): Promise<void>
  /** Counts equal rows, holding about `maxInMemory` hashes at a time, and gives those behind a first their own identity. */
  finish(
    maxInMemory: number,
    canonicalRow: (position: number) => Promise<string>,
  ): Promise<Identities>
  dispose(): Promise<void>
}

/** Rows that are worked on at a time. */
const windowRows = 65_536
const countBytes = 4

/** Opens temporary files for identities. */
export async function createSpilledIdentities(): Promise<SpilledIdentities> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-identities-'))
  const identities = await open(join(folder, 'identities'), 'w+')
  const occurrences = await open(join(folder, 'occurrences'), 'w+')
  // Open files go on without a name, and a crash leaves nothing behind.
  await rm(folder, { recursive: true, force: true })
  let rows = 0

  /** Counts, among the rows whose hash falls into one part of `parts`, how many equal ones stand before each. */
  const countPart = async (part: number, parts: number) => {
    const counts = createHashCounts()
    let repeats = 0
    for await (const { from, firsts } of windows(identities, rows)) {
      const found = await readCounts(occurrences, from, firsts.length / identityBytes)
      let hasRepeats = false
      for (let at = 0; at < firsts.length; at += identityBytes) {
        if (firsts.readUInt32LE(at + 4) % parts !== part) continue
        const count = counts.add(firsts, at)
        if (count === 0) continue
        found.writeUInt32LE(count, (at / identityBytes) * countBytes)
        hasRepeats = true
        repeats++
      }
      if (hasRepeats) await occurrences.write(found, 0, found.length, from * countBytes)
    }
    return repeats
  }

  const nameRepeats = async (canonicalRow: (position: number) => Promise<string>) => {
    for await (const { from, firsts } of windows(identities, rows)) {
      const found = await readCounts(occurrences, from, firsts.length / identityBytes)
      for (let index = 0; index * countBytes < found.length; index++) {
        const occurrence = found.readUInt32LE(index * countBytes)
        if (occurrence === 0) continue
        const identity = identityOf(await canonicalRow(from + index), occurrence)
        firsts.write(identity, index * identityBytes, 'latin1')
      }
      await identities.write(firsts, 0, firsts.length, from * identityBytes)
    }
  }

  return {
    async append(firsts) {
      await identities.write(firsts, 0, firsts.length, rows * identityBytes)
      rows += firsts.length / identityBytes
    },
    async finish(maxInMemory, canonicalRow) {
      const parts = Math.ceil(rows / maxInMemory)
      let repeats = 0
      for (let part = 0; part < parts; part++) repeats += await countPart(part, parts)
      if (repeats > 0) await nameRepeats(canonicalRow)
      const sha256 = createHash('sha256')
      for await (const { firsts } of windows(identities, rows)) sha256.update(firsts)
      return {
        sha256: sha256.digest('hex'),
        size: rows * identityBytes,
        async *pieces() {
          for await (const { firsts } of windows(identities, rows)) yield firsts
        },
      }
    },
    async dispose() {
      await Promise.all([identities.close(), occurrences.close()])
    },
  }
}

interface Window {
  /** Position of its first row. */
  readonly from: number
  readonly firsts: Buffer
}

async function* windows(identities: FileHandle, rows: number): AsyncGenerator<Window> {
  for (let from = 0; from < rows; from += windowRows) {
    const length = Math.min(windowRows, rows - from) * identityBytes
    const firsts = Buffer.alloc(length)
    await identities.read(firsts, 0, length, from * identityBytes)
    yield { from, firsts }
  }
}

/** How many equal rows stand before each; what was never written is zero. */
async function readCounts(occurrences: FileHandle, from: number, rows: number): Promise<Buffer> {
  const found = Buffer.alloc(rows * countBytes)
  await occurrences.read(found, 0, found.length, from * countBytes)
  return found
}
