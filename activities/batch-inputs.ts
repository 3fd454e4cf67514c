import { findJoinPaths } from '../src/core/join-paths.ts'
import { batchesUnder, clipRange } from '../src/core/range.ts'
import type { Range } from '../src/core/range.ts'
import { placeOf, throughInput } from '../src/core/staged-row.ts'
import type { Chunk, StagedRow } from '../src/core/staged-row.ts'
import type { PlanRows } from '../src/storage/plan-rows.ts'
import { isSent, readBranches } from './join-branches.ts'
import type { JoinInputs } from './join-branches.ts'
import type { LoadedPlan } from './loaded-plan.ts'

/** Which rows are read. */
export interface InputRange {
  /** The rows of the run, as far as it has come. */
  readonly rows: PlanRows
  readonly shard: number
  /** The positions of the batch. */
  readonly range: Range
}

/** Reads the rows that a batch is made of. */
export class BatchInputs {
  readonly #loaded: Pick<LoadedPlan, 'plan' | 'steps'>
  readonly #rows: PlanRows
  readonly #shard: number
  readonly #range: Range
  readonly #chunkOf: (step: number, batch: number) => Promise<Chunk>

  /** @param chunkOf - finds a chunk of the shard, or makes it again */
  constructor(
    loaded: Pick<LoadedPlan, 'plan' | 'steps'>,
    { rows, shard, range }: InputRange,
    chunkOf: (step: number, batch: number) => Promise<Chunk>,
  ) {
    this.#loaded = loaded
    this.#rows = rows
    this.#shard = shard
    this.#range = range
    this.#chunkOf = chunkOf
  }

  /**
   * The rows of the step before that a step gets: all of them, or those that a route sends there; of a generator that
   * asks a model those that it asks about.
   */
  async rowsFor(step: number): Promise<readonly StagedRow[]> {
    const [before] = this.#loaded.plan.steps[step]?.after ?? []
    if (before === undefined) return await this.#rows.rowsIn(step, this.#range)
    const rows = await this.#rowsBehind(before)
    return rows.filter((row) => isSent(this.#loaded, row, { step, from: before }))
  }

  /** The rows of a join's branches, and of the step at which they part. */
  async joinInputs(step: number): Promise<JoinInputs> {
    const paths = findJoinPaths(this.#loaded.plan.steps, step)
    const fork = await (paths.fork === null
      ? this.#rowsOfRoots(step)
      : this.#rowsBehind(paths.fork))
    const branches = await readBranches(this.#loaded, paths, step, {
      rowsOf: (before) => this.#rowsBehind(before),
      rejectedOf: (before) => this.#rejectedBy(before),
    })
    return { fork, branches, haveOwnSources: paths.fork === null }
  }

  /** The rows of the generators that branches begin with, side by side; at each position that of the first that has one. */
  async #rowsOfRoots(step: number): Promise<readonly StagedRow[]> {
    const roots = this.#loaded.plan.steps[step]?.roots ?? []
    const all = await Promise.all(roots.map((root) => this.#rows.rowsIn(root, this.#range)))
    const first = new Map<string, StagedRow>()
    for (const [index, rows] of all.entries())
      for (const row of rows)
        if (!first.has(row.origin)) first.set(row.origin, index === 0 ? row : ofRoot(row, index))
    return [...first.values()].toSorted((a, b) => placeOf(a) - placeOf(b))
  }

  async #rowsBehind(step: number): Promise<readonly StagedRow[]> {
    const planned = this.#loaded.plan.steps[step]
    if (planned?.isGathered === true) return await this.#rows.rowsIn(step, this.#range)
    const chunks = await this.#chunksBehind(step)
    return chunks.flatMap(({ rows }) => rows.filter((row) => this.#isInRange(row)))
  }

  async #rejectedBy(step: number): Promise<readonly string[]> {
    const chunks = await this.#chunksBehind(step)
    return chunks.flatMap(({ rejected }) => rejected.map(({ origin }) => origin))
  }

  async #chunksBehind(step: number): Promise<readonly Chunk[]> {
    const planned = this.#loaded.plan.steps[step]
    const range = this.#rows.rangeOf(step, this.#shard)
    const covered = clipRange(this.#range, range.to)
    if (planned?.isGathered !== false || covered.from >= covered.to) return []
    const { first, last } = batchesUnder(range, planned.batchSize, covered)
    return await Promise.all(
      Array.from({ length: last - first + 1 }, (_, index) => this.#chunkOf(step, first + index)),
    )
  }

  #isInRange(row: StagedRow): boolean {
    const place = placeOf(row)
    return place >= this.#range.from && place < this.#range.to
  }
}

/** Rows of several generators may be equal; where they stand for rows that others lack, that must not make them one. */
function ofRoot(row: StagedRow, index: number): StagedRow {
  return { ...row, identity: throughInput(row.identity, index) }
}
