import { RetortError } from '../../src/core/errors.ts'
import type { Digests } from '../../src/core/global-step.ts'
import { missingObject } from '../../src/storage/row-sets/missing-object.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import type { Store } from '../../src/storage/store.ts'
import type { LiveGlobal } from './run-rows.ts'

/** The first bytes of stored digests and decisions: how many rows they are of. */
const countBytes = 4

/** Notes of how many rows something is, and what. */
export function packCounted(rows: number, bytes: readonly Uint8Array[]): Uint8Array {
  const count = Buffer.alloc(countBytes)
  count.writeUInt32LE(rows)
  return Buffer.concat([count, ...bytes])
}

/** How many rows it is of, and what is noted of each: equally many bytes. */
export function unpackCounted(bytes: Uint8Array): { rows: number; of(row: number): Uint8Array } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rows = buffer.readUInt32LE(0)
  const width = rows === 0 ? 0 : (buffer.length - countBytes) / rows
  return {
    rows,
    of: (row) => buffer.subarray(countBytes + row * width, countBytes + (row + 1) * width),
  }
}

/** Lets a global step decide on all rows, and stores its decisions slice by slice. */
export async function decideRows(
  store: Store,
  key: string,
  { definition, context }: LiveGlobal,
  slices: number,
): Promise<void> {
  const keys = rowSetKeys(key)
  const digests: Digests[] = []
  for (let slice = 0; slice < slices; slice++) {
    const head = await store.getRange(keys.digests(slice), 0, countBytes)
    if (head === undefined) throw missingObject(store, keys.digests(slice))
    digests.push({
      rows: unpackCounted(head).rows,
      read: async () => {
        const bytes = await store.get(keys.digests(slice))
        if (bytes === undefined) throw missingObject(store, keys.digests(slice))
        return bytes.subarray(countBytes)
      },
    })
  }
  let slice = 0
  for await (const decisions of definition.decide?.(digests, context) ?? []) {
    const rows = digests[slice]?.rows ?? 0
    if (rows > 0 && decisions.length % rows !== 0) throw uneven(context.stepName)
    await store.putIfAbsent(keys.decisions(slice), packCounted(rows, [decisions]))
    slice++
  }
  if (slice !== slices)
    throw new RetortError(
      'step-threw',
      `Step '${context.stepName}' (${definition.type}) decided on ${slice} parts of its rows instead of ${slices}; 'decide' yields one list of decisions for each part.`,
    )
  await store.putIfAbsent(keys.decided, new TextEncoder().encode('{}'))
}

/** Refuses decisions or digests of which not every row has equally many bytes. */
export function uneven(stepName: string): RetortError {
  return new RetortError(
    'step-threw',
    `Step '${stepName}' does not note equally many bytes of every row.`,
  )
}
