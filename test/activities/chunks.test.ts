import { expect, test } from 'vitest'

import { Chunks } from '../../activities/chunks.ts'
import { noBatchFigures } from '../../src/core/staged-row.ts'
import type { Chunk } from '../../src/core/staged-row.ts'
import { useEmptyStore } from './empty-store.ts'

const key = 'pipelines/p/chunks/s/000000/0-1-abc'
const chunkOf = (row: Chunk['rows'][number]['row']): Chunk => ({
  run: 'one',
  figures: noBatchFigures,
  rows: [{ origin: '0', identity: 'i', row }],
  rejected: [],
})

const store = useEmptyStore()

test('what a reader does to its rows is not seen by the next one', async () => {
  const chunks = new Chunks(store())
  await chunks.put(key, chunkOf({ meta: { count: 0 } }))
  const [first] = (await chunks.require(key)).rows
  Object.assign(first?.row['meta'] ?? {}, { count: 1 })
  expect((await chunks.require(key)).rows[0]?.row).toEqual({ meta: { count: 0 } })
})

test('values that JSON does not know read alike a moment later and from the store', async () => {
  const writer = new Chunks(store())
  await writer.put(key, chunkOf({ ratio: Number.NaN, none: undefined }))
  const fromStore = await new Chunks(store()).require(key)
  expect(fromStore.rows[0]?.row).toEqual({ ratio: null })
  expect(await writer.require(key)).toEqual(fromStore)
})
