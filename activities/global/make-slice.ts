import type { RejectedRow, StagedRow } from '../../src/core/staged-row.ts'
import { missingObject } from '../../src/storage/row-sets/missing-object.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import type { OrderedLine } from '../../src/storage/row-sets/sorted-runs.ts'
import { stagedRowLine } from '../../src/storage/staged-row-line.ts'
import type { Store } from '../../src/storage/store.ts'
import { unpackCounted } from './decide-rows.ts'
import type { GlobalServices } from './global-work.ts'
import { runRows } from './run-rows.ts'
import type { LiveGlobal } from './run-rows.ts'
import { readSlice } from './slice-rows.ts'
import type { Slice } from './slices.ts'

/** Which slice, and where what is decided on it is stored. */
export interface SlicePlace {
  readonly step: number
  readonly key: string
  readonly slice: number
  /** How many parts the rows have that the step leaves. */
  readonly parts: number
}

/**
 * The rows that a global step makes of a slice, in the order of the slice, each with its place in the order that they are to
 * come into.
 *
 * @param rejected - gets the rows that it cannot make
 */
export async function* makeSlice(
  services: GlobalServices,
  global: LiveGlobal,
  place: SlicePlace,
  slice: Slice | undefined,
  rejected: RejectedRow[],
): AsyncIterable<OrderedLine> {
  const { definition, context } = global
  const decisionOf = await decisions(services.store, global, place)
  let position = 0
  const ordered = (row: StagedRow): OrderedLine => {
    const line = stagedRowLine(row)
    if (definition.shuffleKey === undefined) return { bucket: 0, order: '', line }
    const key = Buffer.from(definition.shuffleKey(row, context))
    return {
      bucket: Math.floor((key.readUInt32BE(0) / 2 ** 32) * place.parts),
      order: key.toString('hex', 0, keyBytes),
      line,
    }
  }
  if (slice === undefined) return
  for await (const some of readSlice(services, place.step, slice)) {
    services.signal.throwIfAborted()
    if (definition.make === undefined) {
      for (const row of some) yield ordered(row)
      continue
    }
    const made = await runRows(
      global,
      some,
      (row) => definition.make?.(row, decisionOf(position++), context) ?? [],
    )
    rejected.push(...made.rejected)
    for (const row of made.rows) yield ordered(row)
  }
}

const undecided = new Uint8Array()
/** Bytes of a key that count. */
const keyBytes = 16

/** What was decided on the rows of a slice; nothing where the step decides nothing. */
async function decisions(
  store: Store,
  { definition }: LiveGlobal,
  { key, slice }: SlicePlace,
): Promise<(position: number) => Uint8Array> {
  if (definition.decide === undefined) return () => undecided
  const at = rowSetKeys(key).decisions(slice)
  const bytes = await store.get(at)
  if (bytes !== undefined) return unpackCounted(bytes).of
  throw missingObject(store, at)
}
