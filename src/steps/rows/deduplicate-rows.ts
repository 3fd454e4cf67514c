import { z } from 'zod'

import { anyRow } from '../../core/any-row.ts'
import { defineGlobalStep, withDefinition } from '../../core/define-step.ts'
import { HashSet } from '../../core/hash-set.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Digests, GlobalDefinition } from '../../core/global-step.ts'
import type { Step } from '../../core/step.ts'

/** Bytes of a hash that count; they are as good as all of them. */
const hashBytes = 16
/** Rows whose hashes are in memory at once, in 24 bytes each. */
const rowsInMemory = 1_000_000

const { definition } = defineGlobalStep({
  type: 'DeduplicateRows',
  version: '1',
  params: z.object({ columns: z.array(z.string().min(1)).min(1).optional() }),
  inputs: anyRow,
  outputs: z.object({}),
  columns: ({ columns = [] }) => ({
    reads: Object.fromEntries(columns.map((name) => [name, {}])),
    optional: [],
    writes: {},
    replaces: [],
  }),
  digest({ row }, { params: { columns }, hash }) {
    const compared = columns === undefined ? row : columns.map((name) => row[name])
    return hash(canonicalJson(compared)).subarray(0, hashBytes)
  },
  async *decide(parts) {
    const kept = parts.map(({ rows }) => new Uint8Array(rows))
    const all = parts.reduce((sum, { rows }) => sum + rows, 0)
    const passes = Math.ceil(all / rowsInMemory)
    const most = Math.min(all, rowsInMemory)
    for (let pass = 0; pass < passes; pass++)
      await keepFirsts(parts, kept, new HashSet(most), pass, passes)
    yield* kept
  },
  make: (_row, decision) => (decision[0] === 1 ? {} : []),
})

/** Marks the first row of each hash, among those hashes that fall to a pass. */
async function keepFirsts(
  parts: readonly Digests[],
  kept: readonly Uint8Array[],
  seen: HashSet,
  pass: number,
  passes: number,
): Promise<void> {
  for (const [index, part] of parts.entries()) {
    const bytes = await part.read()
    const hashes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let row = 0; row < part.rows; row++) {
      const at = row * hashBytes
      if (hashes.readUInt32LE(at) % passes !== pass) continue
      if (!seen.add(hashes, at)) continue
      const marks = kept[index]
      if (marks !== undefined) marks[row] = 1
    }
  }
}

/** What the registry holds of it. */
export const deduplicateRowsDefinition: GlobalDefinition = definition

/**
 * Lets of rows that are equal only the first pass, in the order of the rows: equal in these columns, or in all of them.
 *
 * Values are equal where their JSON is, whatever the order of its keys. It is a barrier: what comes behind it begins
 * when all rows are there.
 */
export function deduplicateRows<const Name extends string = never>(
  params: { readonly columns?: readonly [Name, ...Name[]] } = {},
): Step<{ readonly [K in Name]: unknown }, {}, never, GlobalDefinition> {
  return withDefinition(deduplicateRowsDefinition, params)
}
