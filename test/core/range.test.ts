import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  batchesUnder,
  batchRange,
  countBatches,
  countShards,
  shardRange,
} from '../../src/core/range.ts'
import type { Range } from '../../src/core/range.ts'

const size = fc.integer({ min: 1, max: 60 })
const positionsOf = ({ from, to }: Range) =>
  Array.from({ length: to - from }, (_, index) => from + index)
const batchesOf = (shard: Range, batchSize: number) =>
  Array.from({ length: countBatches(shard, batchSize) }, (_, batch) =>
    batchRange(shard, batchSize, batch),
  )

test('batches of shards cover every position exactly once, in order', () => {
  fc.assert(
    fc.property(fc.nat(500), size, size, (rows, shardSize, batchSize) => {
      const shards = Array.from({ length: countShards(rows, shardSize) }, (_, shard) =>
        shardRange(shard, rows, shardSize),
      )
      const positions = shards.flatMap((shard) =>
        batchesOf(shard, batchSize).flatMap((range) => positionsOf(range)),
      )
      expect(positions).toEqual(positionsOf({ from: 0, to: rows }))
    }),
  )
})

test('the batches under a range are those that share a position with it', () => {
  fc.assert(
    fc.property(fc.nat(9), size, size, size, fc.nat(), (shardIndex, rows, a, b, pick) => {
      const shard = { from: shardIndex * 60, to: shardIndex * 60 + rows }
      const above = batchRange(shard, a, pick % countBatches(shard, a))
      const { first, last } = batchesUnder(shard, b, above)
      const sharing = batchesOf(shard, b).flatMap((under, batch) =>
        under.from < above.to && under.to > above.from ? [batch] : [],
      )
      expect(sharing[0]).toBe(first)
      expect(sharing.at(-1)).toBe(last)
    }),
  )
})

test('no rows make no shards', () => {
  expect(countShards(0, 5_000)).toBe(0)
})
