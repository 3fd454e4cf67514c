import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { Heap } from '../../src/core/heap.ts'

const items = fc.array(fc.record({ rank: fc.integer({ min: 0, max: 20 }) }))

function drain(heap: Heap<{ rank: number }>): number[] {
  const ranks: number[] = []
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) ranks.push(item.rank)
  return ranks
}

test('a heap gives its items back in order', () => {
  fc.assert(
    fc.property(items, (added) => {
      const heap = new Heap<{ rank: number }>((one, other) => one.rank < other.rank)
      for (const item of added) heap.push(item)
      expect(drain(heap)).toEqual(added.map((item) => item.rank).toSorted((a, b) => a - b))
    }),
  )
})

test('a heap keeps its order when items are dropped', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 2, max: 4 }), (added, divisor) => {
      const heap = new Heap<{ rank: number }>((one, other) => one.rank < other.rank)
      for (const item of added) heap.push(item)
      heap.keep((item) => item.rank % divisor !== 0)
      const kept = added.map((item) => item.rank).filter((rank) => rank % divisor !== 0)
      expect(heap.size).toBe(kept.length)
      expect(drain(heap)).toEqual(kept.toSorted((a, b) => a - b))
    }),
  )
})
