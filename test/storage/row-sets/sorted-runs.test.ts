import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { rowSetKeys } from '../../../src/storage/row-sets/row-set-keys.ts'
import { readBucket, writeRun } from '../../../src/storage/row-sets/sorted-runs.ts'
import type { OrderedLine } from '../../../src/storage/row-sets/sorted-runs.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { createMemoryStore } from '../memory-store.ts'

const key = 'pipelines/p/sets/s/1'
const orderOf = (line: string) => createHash('sha256').update(line).digest('hex')

/** Lines that fall into buckets by the first digits of their place in the order. */
async function* linesOf(slice: readonly string[], buckets: number): AsyncIterable<OrderedLine> {
  for (const line of slice) {
    const order = orderOf(line)
    yield {
      bucket: Math.floor((Number.parseInt(order.slice(0, 4), 16) / 65_536) * buckets),
      order,
      line,
    }
  }
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
          await writeRun(store, key, slice, slices, linesOf(own, slices))
        }
        const sorted: string[] = []
        for (let bucket = 0; bucket < slices; bucket++)
          sorted.push(...(await readBucket(store, key, Array(slices).keys(), bucket)))
        expect(sorted).toEqual(lines.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)))
      },
    ),
  )
})

test('a run that is written again makes the same bytes, and one that is gone is told', async () => {
  const store = createMemoryStore()
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
  const { run, runIndex } = rowSetKeys(key)
  await writeRun(store, key, 0, 3, linesOf(lines, 3))
  const bytes = await store.get(run(0))
  await store.delete(run(0))
  expect((await rejectionOf(readBucket(store, key, [0], 0))).code).toBe('store-corrupt')
  await writeRun(store, key, 0, 3, linesOf(lines, 3))
  expect(await store.get(run(0))).toEqual(bytes)
  await store.delete(runIndex(0))
  expect((await rejectionOf(readBucket(store, key, [0], 0))).code).toBe('store-corrupt')
})
