import { findJoinPaths } from '../src/core/join-paths.ts'
import type { JoinPaths, PathPart } from '../src/core/join-paths.ts'
import { chooseBranches } from '../src/core/route.ts'
import type { JoinBranch } from '../src/core/run-join.ts'
import { originsExpanded } from '../src/core/staged-row.ts'
import type { StagedRow } from '../src/core/staged-row.ts'
import type { LoadedPlan } from './loaded-plan.ts'

/** What a join reads of some rows. */
export interface JoinInputs {
  /** Where the branches part. */
  readonly fork: readonly StagedRow[]
  readonly branches: readonly JoinBranch[]
  /** Whether the branches begin with generators of their own. */
  readonly haveOwnSources: boolean
}

/** Reads what steps made of the rows that are joined, of each step once. */
export interface BranchReader {
  rowsOf(step: number): Promise<readonly StagedRow[]>
  /** Origins of the rows that it rejected. */
  rejectedOf(step: number): Promise<readonly string[]>
}

type Routed = Pick<LoadedPlan, 'plan' | 'steps'>

/** Reads the branches of a join. */
export async function readBranches(
  loaded: Routed,
  { fork, branches }: JoinPaths,
  join: number,
  reader: BranchReader,
): Promise<JoinBranch[]> {
  const ways = new Ways(loaded, reader)
  const ends = loaded.plan.steps[join]?.after ?? []
  return await Promise.all(
    branches.map(async (parts, index): Promise<JoinBranch> => {
      const end = ends[index]
      let rejected: Promise<ReadonlySet<string>> | undefined
      return {
        rows: end === undefined ? [] : await reader.rowsOf(end),
        goesTo: (row) => ways.goesAlong(row, parts, fork),
        rejected: () => (rejected ??= readRejected(parts, reader)),
      }
    }),
  )
}

/** Whether the route behind a step, if there is one, sends a row to another. */
export function isSent(
  { plan, steps }: Routed,
  row: StagedRow,
  { step, from }: Pick<PathPart, 'step' | 'from'>,
): boolean {
  const route = from === null ? undefined : steps[from]?.route
  if (from === null || route === undefined) return true
  const stepName = plan.steps[from]?.name ?? ''
  return chooseBranches({ ...route, seed: plan.seed }, stepName, row).has(step)
}

/** Asks the routes on the way of a row, each about the row as it came there. */
class Ways {
  readonly #loaded: Routed
  readonly #reader: BranchReader
  readonly #paths = new Map<number, JoinPaths>()
  readonly #rows = new Map<number, Promise<ReadonlyMap<string, StagedRow>>>()

  constructor(loaded: Routed, reader: BranchReader) {
    this.#loaded = loaded
    this.#reader = reader
  }

  /** Whether a row of a fork is sent to the end of a way. */
  async goesAlong(
    row: StagedRow,
    parts: readonly PathPart[],
    fork: number | null,
  ): Promise<boolean> {
    for (const part of parts) {
      const { from, within } = part
      const isRouted = from !== null && this.#loaded.steps[from]?.route !== undefined
      // Joined branches may begin with routes of their own.
      if (!isRouted && within.length === 0) continue
      const there =
        from === fork || from === null ? row : (await this.#rowsBehind(from)).get(row.origin)
      // One that did not come that far was let out before, or sent elsewhere by an earlier route.
      if (there !== undefined && !(await this.#goesPast(there, part))) return false
    }
    return true
  }

  /** Whether a row goes past a part of its way: branches that were joined again have it as soon as one of them does. */
  async #goesPast(row: StagedRow, { step, from, within }: PathPart): Promise<boolean> {
    if (within.length === 0) return isSent(this.#loaded, row, { step, from })
    const paths = this.#paths.get(step) ?? findJoinPaths(this.#loaded.plan.steps, step)
    this.#paths.set(step, paths)
    for (const parts of paths.branches) if (await this.goesAlong(row, parts, from)) return true
    return false
  }

  /** The rows behind a step by their origins, read once. */
  async #rowsBehind(step: number): Promise<ReadonlyMap<string, StagedRow>> {
    const known = this.#rows.get(step)
    if (known !== undefined) return await known
    const reading = this.#reader
      .rowsOf(step)
      .then((rows) => new Map(rows.map((row) => [row.origin, row])))
    this.#rows.set(step, reading)
    return await reading
  }
}

/** Origins of the rows that the steps of a branch rejected, and of all that these came from. */
async function readRejected(
  parts: readonly PathPart[],
  reader: BranchReader,
): Promise<ReadonlySet<string>> {
  const steps = new Set(parts.flatMap(({ step, within }) => [step, ...within]))
  const rejected = await Promise.all([...steps].map((step) => reader.rejectedOf(step)))
  return new Set(rejected.flatMap((origins) => origins.flatMap(originsExpanded)))
}
