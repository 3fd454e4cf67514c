import fc from 'fast-check'

import { createShardKeys } from '../../src/core/chunk-keys.ts'
import type { ShardKeys } from '../../src/core/chunk-keys.ts'
import { sourceRows } from '../../src/core/plan.ts'
import { extentsOf, sourcesOnly } from '../../src/core/reach.ts'
import type { RetryNumbers } from '../../src/core/retry-numbers.ts'
import type { Plan, PlannedStep } from '../../src/core/plan.ts'
import { batchRange, countBatches, countShards, shardRange } from '../../src/core/range.ts'
import type { Range } from '../../src/core/range.ts'

/** What of a step its chunks' keys depend on. */
export interface LittleStep {
  readonly batchSize: number
  /** Indexes of the steps that it reads; 0 is the source. */
  readonly after: readonly number[]
  readonly signature?: string
}

/** A plan whose first step is the source. */
export function littlePlan(
  steps: readonly LittleStep[],
  rows: number,
  others: Partial<Plan> = {},
): Plan {
  const planned: PlannedStep[] = [{ batchSize: 1, after: [] }, ...steps].map(
    ({ batchSize, after, ...own }, index) => ({
      name: `s${index}`,
      type: 'X',
      barrier: null,
      roots: [0],
      isGathered: index === 0,
      kind: index === 0 ? 'generator' : after.length > 1 ? 'join' : 'map',
      signature: `signature-${index}`,
      ...own,
      batchSize,
      after,
      inputs: {},
      outputs: {},
      keeps: null,
      branches: null,
      route: null,
      columns: {},
      model: null,
      retries: 0,
      papers: [],
      taskQueue: null,
    }),
  )
  return {
    version: 2,
    run: 'run',
    storeId: 'store',
    seed: 0,
    epoch: 0,
    spec: { version: 1, name: 'little', steps: [] },
    sources: [{ step: 0, key: 'sources/1', rows }],
    stages: [{ barrier: null, steps: [...steps.keys()].map((index) => index + 1), stages: [] }],
    target: null,
    shardSize: 20,
    steps: planned,
    leaves: [planned.length - 1],
    plannedAt: 0,
    ...others,
  }
}

/** Steps of any batch sizes that read earlier ones, and a number of source rows. */
export const littleSteps: fc.Arbitrary<LittleStep[]> = fc
  .array(
    fc.record({
      batchSize: fc.integer({ min: 1, max: 25 }),
      befores: fc.array(fc.nat(10), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((steps) =>
    steps.map(({ batchSize, befores }, index) => ({
      batchSize,
      after: [...new Set(befores.map((before) => before % (index + 1)))],
    })),
  )

/** One chunk of a plan. */
export interface LittleChunk {
  readonly step: number
  readonly range: Range
  readonly key: string
}

/** Every chunk that a plan makes of rows with these identities. */
export function chunksOf(plan: Plan, identities: readonly string[]): LittleChunk[] {
  const shards = countShards(sourceRows(plan), plan.shardSize)
  return Array.from({ length: shards }, (_, shard) => shard).flatMap((shard) => {
    const keys = littleKeys(plan, shard, identities)
    return plan.steps.flatMap(({ batchSize }, step) =>
      step === 0
        ? []
        : Array.from({ length: countBatches(keys.rangeOf(step), batchSize) }, (_unused, batch) => ({
            step,
            range: batchRange(keys.rangeOf(step), batchSize, batch),
            key: keys.chunkKey(step, batch),
          })),
    )
  })
}

/** The keys of a shard of source rows with these identities. */
export function littleKeys(
  plan: Plan,
  shard: number,
  identities: readonly string[],
  retries: readonly (RetryNumbers | undefined)[] = [],
): ShardKeys {
  const range = shardRange(shard, Number.MAX_SAFE_INTEGER, plan.shardSize)
  const own = identities.slice(range.from, range.to)
  return createShardKeys(plan, shard, {
    shard: range,
    extents: extentsOf(plan, sourcesOnly),
    gathered: new Map([[0, { fingerprints: own, identities: own }]]),
    retries,
  })
}

/** Identities of so many rows, different from each other. */
export function identitiesOf(rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => `row-${index}`)
}
