/** Source positions from `from` up to, not including, `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** How many shards so many rows make. */
export function countShards(rows: number, shardSize: number): number {
  return Math.ceil(rows / shardSize)
}

/** The positions of a shard. */
export function shardRange(shard: number, rows: number, shardSize: number): Range {
  return { from: shard * shardSize, to: Math.min(rows, (shard + 1) * shardSize) }
}

/** The part of a range below a number of positions. */
export function clipRange({ from, to }: Range, positions: number): Range {
  const end = Math.max(from, Math.min(to, positions))
  return { from, to: end }
}

/** How many batches of a size cover a shard. */
export function countBatches(shard: Range, batchSize: number): number {
  return Math.ceil((shard.to - shard.from) / batchSize)
}

/** The positions of a shard's batch. */
export function batchRange(shard: Range, batchSize: number, batch: number): Range {
  const from = shard.from + batch * batchSize
  return { from, to: Math.min(shard.to, from + batchSize) }
}

/** The batches of another size under a range that is not empty, as indexes from `first` to `last`. */
export function batchesUnder(
  shard: Range,
  batchSize: number,
  range: Range,
): { first: number; last: number } {
  return {
    first: Math.floor((range.from - shard.from) / batchSize),
    last: Math.floor((range.to - 1 - shard.from) / batchSize),
  }
}

/** Shards whose rows make one file of a dataset: 100,000 rows of the step that they come from, where it makes one of each. */
export const shardsPerPart = 20

/** How many files the rows of a leaf make. */
export function countParts(rows: number, shardSize: number): number {
  return Math.max(1, Math.ceil(countShards(rows, shardSize) / shardsPerPart))
}
