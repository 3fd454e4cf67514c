import { noBatchFigures } from '../../src/core/staged-row.ts'
import type { RejectedRow } from '../../src/core/staged-row.ts'
import { encodeChunk } from '../../src/storage/chunk.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import type { OrderedLine } from '../../src/storage/row-sets/sorted-runs.ts'
import type { GlobalServices } from './global-work.ts'

/** Lines as they are, in the order in which they are made. */
export async function* textsOf(lines: AsyncIterable<OrderedLine>): AsyncIterable<string> {
  for await (const { line } of lines) yield line
}

/** The same items, and then some work: what is to be stored before what tells that all items are. */
export async function* thenDo<T>(
  items: AsyncIterable<T>,
  work: () => Promise<void>,
): AsyncIterable<T> {
  yield* items
  await work()
}

/** Stores the rows of a task that a step rejected. */
export async function putRejected(
  { store, loaded }: Pick<GlobalServices, 'store' | 'loaded'>,
  key: string,
  task: number,
  rejected: readonly RejectedRow[],
): Promise<void> {
  if (rejected.length === 0) return
  const chunk = { run: loaded.plan.run, figures: noBatchFigures, rows: [], rejected }
  await store.putIfAbsent(rowSetKeys(key).rejected(task), await encodeChunk(chunk))
}
