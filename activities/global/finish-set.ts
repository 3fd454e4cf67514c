import { readChunkHeader } from '../../src/storage/chunk.ts'
import { missingObject } from '../../src/storage/row-sets/missing-object.ts'
import { rowSetKeys } from '../../src/storage/row-sets/row-set-keys.ts'
import { readRowSetPart } from '../../src/storage/row-sets/row-set-part.ts'
import type { RowSetPart } from '../../src/storage/row-sets/row-set-part.ts'
import type { RowSetManifest } from '../../src/storage/row-sets/row-set.ts'
import { createBoundedTasks } from '../../src/storage/sources/bounded-tasks.ts'
import type { Store } from '../../src/storage/store.ts'
import type { GlobalOutcome } from '../activities.ts'

const removalsAtOnce = 16

/** Makes the parts of a global step's rows one set, and removes what was only needed on the way. */
export async function finishSet(store: Store, key: string, parts: number): Promise<GlobalOutcome> {
  const written = await requireParts(store, key, parts)
  const manifest: RowSetManifest = {
    version: 1,
    rows: written.reduce((sum, { rows }) => sum + rows, 0),
    rejected: await countRejected(store, key),
    parts: written,
  }
  const { manifest: at, scaffold } = rowSetKeys(key)
  await store.putIfAbsent(at, new TextEncoder().encode(JSON.stringify(manifest)))
  const removals = createBoundedTasks(removalsAtOnce)
  for (const folder of scaffold)
    for await (const { key: left } of store.list(folder))
      await removals.start(() => store.delete(left))
  await removals.drain()
  return toOutcome(manifest)
}

/** What a set counts for in a run. */
export function toOutcome({ rows, rejected }: RowSetManifest): GlobalOutcome {
  return { rows, rejected }
}

/** What all parts consist of. @throws RetortError `store-corrupt` where one is missing */
export async function requireParts(
  store: Store,
  key: string,
  parts: number,
): Promise<RowSetPart[]> {
  return await Promise.all(
    Array.from({ length: parts }, (_, part) => requirePart(store, key, part)),
  )
}

async function requirePart(store: Store, key: string, part: number): Promise<RowSetPart> {
  const found = await readRowSetPart(store, key, part)
  if (found !== undefined) return found
  throw missingObject(store, rowSetKeys(key).part(part))
}

async function countRejected(store: Store, key: string): Promise<number> {
  let rejected = 0
  for await (const { key: at } of store.list(rowSetKeys(key).rejectedFolder)) {
    const bytes = await store.get(at)
    if (bytes !== undefined) rejected += (await readChunkHeader(bytes, at)).rejected
  }
  return rejected
}
