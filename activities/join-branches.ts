import type { JoinPaths, PathPart } from '../src/core/join-paths.ts'
import { chooseBranches } from '../src/core/route.ts'
import { originsAbove } from '../src/core/run-join.ts'
import type { JoinBranch } from '../src/core/run-join.ts'
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
  const ends = loaded.plan.steps[join]?.after ?? []
  return await Promise.all(
    branches.map(async (parts, index): Promise<JoinBranch> => {
      const end = ends[index]
      const routed = await readRouted(loaded, parts, fork, reader)
      let rejected: Promise<ReadonlySet<string>> | undefined
      return {
        rows: end === undefined ? [] : await reader.rowsOf(end),
        goesTo: (row) =>
          parts.every((part) => {
            const there = part.from === null ? undefined : routed.get(part.from)?.get(row.origin)
            const seen = part.from === fork ? row : there
            // A row that did not come as far as a route was not sent elsewhere by it.
            return seen === undefined || isSent(loaded, seen, part)
          }),
        rejected: () => (rejected ??= readRejected(parts, reader)),
      }
    }),
  )
}

/** Whether a row gets past the route at the beginning of a part of its way, if there is one. */
export function isSent(
  { plan, steps }: Routed,
  row: StagedRow,
  { step, from }: Pick<PathPart, 'step' | 'from'>,
): boolean {
  const route = from === null ? undefined : steps[from]?.route
  if (from === null || route === undefined) return true
  const chosen = chooseBranches({ ...route, seed: plan.seed }, plan.steps[from]?.name ?? '', row)
  // Branches that were joined again have a row as soon as one of them has it.
  const isFirst = route.planned.branches.some((branch) => branch.step === step)
  return isFirst ? chosen.has(step) : chosen.size > 0
}

/** Steps within a branch that have a route behind them, whose rows it looks at, to these rows by origin. */
async function readRouted(
  { steps }: Routed,
  parts: readonly PathPart[],
  fork: number | null,
  reader: BranchReader,
): Promise<ReadonlyMap<number, ReadonlyMap<string, StagedRow>>> {
  const routed = new Map<number, ReadonlyMap<string, StagedRow>>()
  for (const { from } of parts) {
    if (from === null || from === fork || steps[from]?.route === undefined) continue
    const rows = await reader.rowsOf(from)
    routed.set(from, new Map(rows.map((row) => [row.origin, row])))
  }
  return routed
}

/** Origins of the rows that the steps of a branch rejected, and of all that these came from. */
async function readRejected(
  parts: readonly PathPart[],
  reader: BranchReader,
): Promise<ReadonlySet<string>> {
  const steps = new Set(parts.flatMap(({ step, within }) => [step, ...within]))
  const rejected = await Promise.all([...steps].map((step) => reader.rejectedOf(step)))
  return new Set(rejected.flatMap((origins) => origins.flatMap(originsAbove)))
}
