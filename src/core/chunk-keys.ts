import { hashJson, hashText } from './hash.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { batchesUnder, batchRange, shardRange } from './range.ts'
import type { Range } from './range.ts'
import type { RetryNumbers } from './retry-numbers.ts'

/** Chunks of other formats are never looked up. */
const lineageVersion = 3

/** Works out the keys of a shard's chunks. */
export interface ShardKeys {
  readonly shard: Range
  /** The key of the chunk that a step stores for a batch. */
  chunkKey(step: number, batch: number): string
  /** The keys of the chunks under a batch, for each step that it reads; none for the source. */
  inputKeys(step: number, batch: number): readonly (readonly string[])[]
}

/** The folder of a step's chunks of one shard; one listing of it tells what is stored. */
export function chunkFolder(plan: Plan, step: number, shard: number): string {
  const signature = plan.steps[step]?.signature ?? ''
  return `pipelines/${plan.spec.name}/chunks/${signature}/${String(shard).padStart(6, '0')}/`
}

/**
 * Keys by lineage: a chunk's key is the hash of the step, its positions and the keys of the chunks
 * that it was made of, down to the identities of the source rows; and of the retry numbers of its rows.
 *
 * So appended rows leave the chunks before them valid, and an edited step invalidates itself and what follows.
 *
 * @param identities - of the shard's source rows, in order
 * @param retries - of each step that has any, by its index
 */
export function createShardKeys(
  plan: Plan,
  shard: number,
  identities: readonly string[],
  retries: readonly (RetryNumbers | undefined)[] = [],
): ShardKeys {
  const range = shardRange(shard, plan.source.rows, plan.shardSize)
  const known = new Map<string, string>()
  const identitiesAt = ({ from, to }: Range) => identities.slice(from - range.from, to - range.from)
  const sourceKey = (positions: Range) =>
    hashText([positions.from, ...identitiesAt(positions)].join('\n'))
  const retriesAt = (step: number, positions: Range) => {
    const numbers = retries[step]
    return numbers === undefined ? [] : identitiesAt(positions).flatMap((id) => numbers.under(id))
  }

  const inputKeys = (step: number, batch: number): string[][] => {
    const planned = plan.steps[step]
    if (planned === undefined) return []
    const positions = batchRange(range, planned.batchSize, batch)
    return planned.after.map((before) => {
      if (before === plan.source.step) return []
      const { first, last } = batchesUnder(range, plan.steps[before]?.batchSize ?? 1, positions)
      return Array.from({ length: last - first + 1 }, (_, index) => chunkKey(before, first + index))
    })
  }

  const chunkKey = (step: number, batch: number): string => {
    const id = `${step}/${batch}`
    const stored = known.get(id)
    if (stored !== undefined) return stored
    const planned = plan.steps[step]
    if (planned === undefined) throw new RangeError(`There is no step ${step}.`)
    const positions = batchRange(range, planned.batchSize, batch)
    const inputs = inputKeys(step, batch).map((keys) =>
      keys.length === 0 ? [sourceKey(positions)] : keys,
    )
    const lineage = [
      lineageVersion,
      planned.name,
      planned.signature,
      plan.seed,
      plan.epoch,
      positions.from,
      positions.to,
      inputs,
      retriesAt(step, positions),
      planned.after.map((before) => routeTo(plan.steps[before], step)),
    ]
    const key = `${chunkFolder(plan, step, shard)}${positions.from}-${positions.to}-${hashJson(lineage).slice(0, 32)}`
    known.set(id, key)
    return key
  }
  return { shard: range, chunkKey, inputKeys }
}

/** What decides which rows of a step another one gets; `null` where it gets all of them. */
function routeTo(from: PlannedStep | undefined, step: number): readonly unknown[] | null {
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
