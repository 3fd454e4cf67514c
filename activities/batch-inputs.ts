import { findJoinPaths } from '../src/core/join-paths.ts'
import type { PathPart } from '../src/core/join-paths.ts'
import { batchesUnder } from '../src/core/range.ts'
import type { Range } from '../src/core/range.ts'
import { chooseBranches } from '../src/core/route.ts'
import { originsAbove } from '../src/core/run-join.ts'
import type { JoinBranch } from '../src/core/run-join.ts'
import { positionOf } from '../src/core/staged-row.ts'
import type { Chunk, StagedRow } from '../src/core/staged-row.ts'
import type { LoadedPlan } from './loaded-plan.ts'

/** What a batch of a join reads. */
export interface JoinInputs {
  readonly fork: readonly StagedRow[]
  readonly branches: readonly JoinBranch[]
}

/** Reads the rows that a batch is made of. */
export class BatchInputs {
  readonly #loaded: LoadedPlan
  readonly #shard: Range
  readonly #range: Range
  readonly #chunkOf: (step: number, batch: number) => Promise<Chunk>

  /** @param chunkOf - finds a chunk of the shard, or makes it again */
  constructor(
    loaded: LoadedPlan,
    shard: Range,
    range: Range,
    chunkOf: (step: number, batch: number) => Promise<Chunk>,
  ) {
    this.#loaded = loaded
    this.#shard = shard
    this.#range = range
    this.#chunkOf = chunkOf
  }

  /** The rows of the step before that a step gets: all of them, or those that a route sends there. */
  async rowsFor(step: number): Promise<readonly StagedRow[]> {
    const [before] = this.#loaded.plan.steps[step]?.after ?? []
    if (before === undefined) return []
    const rows = await this.#rowsBehind(before)
    return rows.filter((row) => this.#isSent(row, { step, from: before }))
  }

  /** The rows of a join's branches, and of the step at which they part. */
  async joinInputs(step: number): Promise<JoinInputs> {
    const { steps } = this.#loaded.plan
    const paths = findJoinPaths(steps, step)
    // Planning has refused what has none.
    if (paths === undefined) return { fork: [], branches: [] }
    const fork = await this.#rowsBehind(paths.fork)
    const branches = await Promise.all(
      paths.branches.map(async (parts, index): Promise<JoinBranch> => {
        const rows = await this.#rowsBehind(steps[step]?.after[index] ?? paths.fork)
        let rejected: Promise<ReadonlySet<string>> | undefined
        return {
          rows,
          goesTo: (row) => parts.every((part) => this.#isSent(row, part)),
          rejected: () => (rejected ??= this.#rejectedBehind(parts)),
        }
      }),
    )
    return { fork, branches }
  }

  /** Whether a row gets past the route at the beginning of a part of its way, if there is one. */
  #isSent(row: StagedRow, { step, from }: Pick<PathPart, 'step' | 'from'>): boolean {
    const { plan, steps } = this.#loaded
    const route = steps[from]?.route
    if (route === undefined) return true
    const chosen = chooseBranches({ ...route, seed: plan.seed }, plan.steps[from]?.name ?? '', row)
    // Branches that were joined again have a row as soon as one of them has it.
    const isFirst = route.planned.branches.some((branch) => branch.step === step)
    return isFirst ? chosen.has(step) : chosen.size > 0
  }

  async #rowsBehind(step: number): Promise<readonly StagedRow[]> {
    const { plan, source } = this.#loaded
    const { from, to } = this.#range
    if (step === plan.source.step) return await source.rows(from, to)
    const chunks = await this.#chunksBehind(step)
    return chunks.flatMap(({ rows }) => rows.filter((row) => this.#isInRange(row)))
  }

  /** Origins of the rows that the steps of a branch rejected, and of all that these came from. */
  async #rejectedBehind(parts: readonly PathPart[]): Promise<ReadonlySet<string>> {
    const { plan } = this.#loaded
    const steps = new Set(parts.flatMap(({ step, within }) => [step, ...within]))
    steps.delete(plan.source.step)
    const chunks = await Promise.all([...steps].map((step) => this.#chunksBehind(step)))
    return new Set(
      chunks
        .flat()
        .flatMap(({ rejected }) => rejected.flatMap(({ origin }) => originsAbove(origin))),
    )
  }

  async #chunksBehind(step: number): Promise<readonly Chunk[]> {
    const batchSize = this.#loaded.plan.steps[step]?.batchSize ?? 1
    const { first, last } = batchesUnder(this.#shard, batchSize, this.#range)
    return await Promise.all(
      Array.from({ length: last - first + 1 }, (_, index) => this.#chunkOf(step, first + index)),
    )
  }

  #isInRange({ origin }: StagedRow): boolean {
    const position = positionOf(origin)
    return position >= this.#range.from && position < this.#range.to
  }
}
