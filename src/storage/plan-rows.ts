import { LRUCache } from 'lru-cache'

import { createShardKeys } from '../core/chunk-keys.ts'
import type { GatheredShard, ShardKeys } from '../core/chunk-keys.ts'
import { RetortError } from '../core/errors.ts'
import type { Plan } from '../core/plan.ts'
import { clipRange, countShards, shardRange } from '../core/range.ts'
import type { Range } from '../core/range.ts'
import { extentsOf } from '../core/reach.ts'
import type { Reach } from '../core/reach.ts'
import type { RetryNumbers } from '../core/retry-numbers.ts'
import type { GatheredRows } from './gathered-rows.ts'
import { openRowSet } from './row-sets/row-set.ts'
import type { RowSet } from './row-sets/row-set.ts'
import { openStagedSource } from './sources/staged-source.ts'
import type { Store } from './store.ts'

const shardsAtHand = 8
/** Each keeps some megabytes of rows at hand. */
const openedAtHand = 4

/** Rows that are open, by what they are stored under. */
export type OpenedRows = LRUCache<string, Promise<GatheredRows>>

/** Keeps the last few open. */
export function createOpenedRows(): OpenedRows {
  return new LRUCache({ max: openedAtHand })
}

/** Finds the rows of a run: those of its sources, of its global steps, and the keys of its chunks. */
export class PlanRows {
  readonly plan: Plan
  readonly reach: Reach
  /** For each step, how many positions its rows have. */
  readonly extents: readonly number[]
  readonly #store: Store
  readonly #retries: readonly (RetryNumbers | undefined)[]
  readonly #opened: OpenedRows
  readonly #keys = new LRUCache<string, Promise<ShardKeys>>({ max: shardsAtHand })

  constructor(
    store: Store,
    plan: Plan,
    reach: Reach,
    retries: readonly (RetryNumbers | undefined)[],
    opened: OpenedRows = createOpenedRows(),
  ) {
    this.#store = store
    this.plan = plan
    this.reach = reach
    this.extents = extentsOf(plan, reach)
    this.#retries = retries
    this.#opened = opened
  }

  /** How many positions a step's rows have. */
  extentOf(step: number): number {
    return this.extents[step] ?? 0
  }

  /** How many shards a step's rows make. */
  shardsOf(step: number): number {
    return countShards(this.extentOf(step), this.plan.shardSize)
  }

  /** The positions of a step's rows in a shard. */
  rangeOf(step: number, shard: number): Range {
    return clipRange(this.#shard(shard), this.extentOf(step))
  }

  /** The keys of the chunks of a step and of those that stand behind the same barrier. */
  async keys(step: number, shard: number): Promise<ShardKeys> {
    const barrier = this.plan.steps[step]?.barrier ?? null
    const id = `${barrier}/${shard}`
    const known = this.#keys.get(id)
    if (known !== undefined) return await known
    const loading = this.#loadKeys(barrier, shard)
    this.#keys.set(id, loading)
    loading.catch(() => this.#keys.delete(id))
    return await loading
  }

  /**
   * The rows of a generator or a global step; of a generator that asks a model, those that it asks about.
   *
   * @throws RetortError `store-corrupt` where they are not there any longer
   */
  async gathered(step: number): Promise<GatheredRows> {
    const source = this.plan.sources.find((one) => one.step === step)
    const key = source?.key ?? this.reach.sets[step]?.key ?? ''
    const known = this.#opened.get(key)
    if (known !== undefined) return await known
    const opening =
      source === undefined ? this.rowSet(step) : openStagedSource(this.#store, source.key)
    this.#opened.set(key, opening)
    opening.catch(() => this.#opened.delete(key))
    return await opening
  }

  /** The rows of a global step, with those that it rejected. */
  async rowSet(step: number): Promise<RowSet> {
    const set = this.reach.sets[step]
    if (set === undefined)
      throw new RetortError('internal', `The rows of step ${step} are not there yet.`)
    return await openRowSet(this.#store, set.key)
  }

  /** The gathered rows of a step in a range of positions that may go past their end. */
  async rowsIn(step: number, { from, to }: Range) {
    const end = Math.min(to, this.extentOf(step))
    return from >= end ? [] : await (await this.gathered(step)).rows(from, end)
  }

  #shard(shard: number): Range {
    return shardRange(shard, Number.MAX_SAFE_INTEGER, this.plan.shardSize)
  }

  async #loadKeys(barrier: number | null, shard: number): Promise<ShardKeys> {
    const { plan, extents } = this
    const steps = barrier === null ? plan.sources.map(({ step }) => step) : [barrier]
    const hasRetries = this.#retries.some(
      (numbers, step) => numbers !== undefined && plan.steps[step]?.barrier === barrier,
    )
    const gathered = new Map<number, GatheredShard>()
    for (const step of steps) {
      const { from, to } = this.rangeOf(step, shard)
      if (from >= to) {
        gathered.set(step, { fingerprints: [], identities: [] })
        continue
      }
      const rows = await this.gathered(step)
      gathered.set(step, {
        fingerprints: await rows.fingerprints(from, to),
        identities: hasRetries ? await rows.identities(from, to) : [],
      })
    }
    const basis = { shard: this.#shard(shard), extents, gathered, retries: this.#retries }
    return createShardKeys(plan, shard, basis)
  }
}
