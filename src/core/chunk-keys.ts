import { hashJson, hashText } from './hash.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { batchesUnder, batchRange, clipRange } from './range.ts'
import type { Range } from './range.ts'
import type { RetryNumbers } from './retry-numbers.ts'

/** Chunks of other formats are never looked up. */
const lineageVersion = 3

/** What of a shard of gathered rows the keys depend on that are made of it. */
export interface GatheredShard {
  /** What each row is told apart by, in order; of a source its identities. */
  readonly fingerprints: readonly string[]
  /** Identities of the source rows that the rows go back to; needed where retry numbers hold. */
  readonly identities: readonly string[]
}

/** What the keys of a shard are made of. */
export interface ShardBasis {
  /** The positions of the shard. */
  readonly shard: Range
  /** For each step, how many positions its rows have. */
  readonly extents: readonly number[]
  /** Generators and the global step behind which the shard is, by index. */
  readonly gathered: ReadonlyMap<number, GatheredShard>
  /** Of each step that has any, by its index. */
  readonly retries?: readonly (RetryNumbers | undefined)[]
}

/** Works out the keys of a shard's chunks. */
export interface ShardKeys {
  /** The positions of a step's rows in the shard. */
  rangeOf(step: number): Range
  /** The key of the chunk that a step stores for a batch. */
  chunkKey(step: number, batch: number): string
}

/** The folder of a step's chunks of one shard; one listing of it tells what is stored. */
export function chunkFolder(plan: Plan, step: number, shard: number): string {
  const signature = plan.steps[step]?.signature ?? ''
  return `pipelines/${plan.spec.name}/chunks/${signature}/${String(shard).padStart(6, '0')}/`
}

/**
 * Keys by lineage: a chunk's key is the hash of the step, its positions and the keys of the chunks
 * that it was made of, down to the identities of the source rows or what a global step left; and of the retry numbers
 * of its rows.
 *
 * So appended rows leave the chunks before them valid, and an edited step invalidates itself and what follows.
 */
export function createShardKeys(
  plan: Plan,
  index: number,
  { shard, extents, gathered, retries = [] }: ShardBasis,
): ShardKeys {
  const known = new Map<string, string>()
  const rangeOf = (step: number) => clipRange(shard, extents[step] ?? 0)
  const within = (values: readonly string[], { from, to }: Range) =>
    values.slice(from - shard.from, to - shard.from)
  const gatheredKey = (step: number, positions: Range) => {
    const { fingerprints = [] } = gathered.get(step) ?? {}
    return hashText([positions.from, ...within(fingerprints, positions)].join('\n'))
  }
  const retriesAt = (step: number, positions: Range) => {
    const numbers = retries[step]
    if (numbers === undefined) return []
    const rows = [...gathered.values()].flatMap(({ identities }) => within(identities, positions))
    return [...new Set(rows)].flatMap((identity) => numbers.under(identity))
  }
  const positionsOf = (step: number, batch: number) =>
    batchRange(rangeOf(step), plan.steps[step]?.batchSize ?? 1, batch)

  const chunksUnder = (before: number, positions: Range): string[] => {
    const range = rangeOf(before)
    const covered = clipRange(positions, range.to)
    if (covered.from >= covered.to) return []
    const { first, last } = batchesUnder(range, plan.steps[before]?.batchSize ?? 1, covered)
    return Array.from({ length: last - first + 1 }, (_, at) => chunkKey(before, first + at))
  }

  const inputsOf = (step: number, batch: number): string[][] => {
    const positions = positionsOf(step, batch)
    const { after = [] } = plan.steps[step] ?? {}
    // A generator that asks a model reads the rows that it asks about, which are staged as its own.
    if (after.length === 0) return [[gatheredKey(step, positions)]]
    return after.map((before) => {
      return plan.steps[before]?.isGathered === true
        ? [gatheredKey(before, positions)]
        : chunksUnder(before, positions)
    })
  }

  const chunkKey = (step: number, batch: number): string => {
    const id = `${step}/${batch}`
    const stored = known.get(id)
    if (stored !== undefined) return stored
    const planned = plan.steps[step]
    if (planned === undefined) throw new RangeError(`There is no step ${step}.`)
    const positions = positionsOf(step, batch)
    const lineage = [
      lineageVersion,
      planned.name,
      planned.signature,
      plan.seed,
      plan.epoch,
      positions.from,
      positions.to,
      inputsOf(step, batch),
      retriesAt(step, positions),
      planned.after.map((before) => routeTo(plan.steps[before], step)),
    ]
    const key = `${chunkFolder(plan, step, index)}${positions.from}-${positions.to}-${hashJson(lineage).slice(0, 32)}`
    known.set(id, key)
    return key
  }
  return { rangeOf, chunkKey }
}

/** What decides which rows of a step another one gets; `null` where it gets all of them. */
export function routeTo(from: PlannedStep | undefined, step: number): readonly unknown[] | null {
  const route = from?.route ?? null
  if (route === null) return null
  const names = route.branches.map(({ name }) => name)
  return [
    route.signature,
    route.ordinal,
    names,
    route.branches.findIndex((one) => one.step === step),
  ]
}
