import { RetortError } from '../../src/core/errors.ts'
import type { RejectedRow, StagedRow } from '../../src/core/staged-row.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import type { KeyedLine } from '../../src/storage/row-sets/sorted-runs.ts'
import { stagedRowLine } from '../../src/storage/staged-row-line.ts'
import type { Store } from '../../src/storage/store.ts'
import { unpackCounted } from './decide-rows.ts'
import type { GlobalServices } from './run-global.ts'
import { runRows } from './run-rows.ts'
import type { LiveGlobal } from './run-rows.ts'
import { readSlice } from './slice-rows.ts'
import type { Slice } from './slices.ts'

/** Where a slice's decisions are. */
export interface SlicePlace {
  readonly step: number
  readonly key: string
  readonly slice: number
}

/**
 * The rows that a global step makes of a slice, in the order of the slice, each with the key that it is to be sorted by.
 *
 * @param rejected - gets the rows that it cannot make
 */
export async function* makeSlice(
  services: GlobalServices,
  global: LiveGlobal,
  place: SlicePlace,
  slice: Slice | undefined,
  rejected: RejectedRow[],
): AsyncIterable<KeyedLine> {
  const { definition, context } = global
  const decisionOf = await decisions(services.store, global, place)
  let position = 0
  const keyed = (row: StagedRow) => ({
    key: Buffer.from(definition.shuffleKey?.(row, context) ?? []).toString('hex'),
    line: stagedRowLine(row),
  })
  if (slice === undefined) return
  for await (const some of readSlice(services, place.step, slice)) {
    services.signal.throwIfAborted()
    if (definition.make === undefined) {
      for (const row of some) yield keyed(row)
      continue
    }
    const made = await runRows(
      global,
      some,
      (row) => definition.make?.(row, decisionOf(position++), context) ?? [],
    )
    rejected.push(...made.rejected)
    for (const row of made.rows) yield keyed(row)
  }
}

const undecided = new Uint8Array()

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
  throw new RetortError(
    'store-corrupt',
    `Object '${at}' is not in ${store.uri} any longer; start the run again, and it is made anew.`,
  )
}
