import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { rowSetKeys } from '../../../src/storage/row-sets/row-set-keys.ts'
import { readBucket, writeRun } from '../../../src/storage/row-sets/sorted-runs.ts'
import type { KeyedLine } from '../../../src/storage/row-sets/sorted-runs.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { createMemoryStore } from '../memory-store.ts'

const key = 'pipelines/p/sets/s/1'
const keyed = (line: string): KeyedLine => ({
  key: createHash('sha256').update(line).digest('hex'),
  line,
})

async function* linesOf(slice: readonly string[]): AsyncIterable<KeyedLine> {
  for (const line of slice) yield keyed(line)
}

test('buckets one after the other hold all rows in order of their keys, however they are cut into slices', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'ü', '"', '🙂', ' ') }), {
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 9 }),
      async (lines, slices) => {
        const store = createMemoryStore()
        for (let slice = 0; slice < slices; slice++) {
          const own = lines.filter((_, index) => index % slices === slice)
          await writeRun(store, key, slice, slices, linesOf(own))
        }
        const sorted: string[] = []
        for (let bucket = 0; bucket < slices; bucket++)
          sorted.push(...(await readBucket(store, key, slices, bucket)))
        expect(sorted).toEqual(lines.toSorted((a, b) => (keyed(a).key < keyed(b).key ? -1 : 1)))
      },
    ),
  )
})

test('a run that is written again makes the same bytes, and one that is gone is told', async () => {
  const store = createMemoryStore()
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
  const { run, runIndex } = rowSetKeys(key)
  await writeRun(store, key, 0, 3, linesOf(lines))
  const bytes = await store.get(run(0))
  await store.delete(run(0))
  expect((await rejectionOf(readBucket(store, key, 1, 0))).code).toBe('store-corrupt')
  await writeRun(store, key, 0, 3, linesOf(lines))
  expect(await store.get(run(0))).toEqual(bytes)
  await store.delete(runIndex(0))
  expect((await rejectionOf(readBucket(store, key, 1, 0))).code).toBe('store-corrupt')
})
