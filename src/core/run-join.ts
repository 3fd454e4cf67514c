import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { quoted } from './names.ts'
import type { RejectedRow, StagedRow } from './staged-row.ts'
import type { BranchColumns, JoinDefinition, JoinedRow } from './step.ts'

/** One branch of a join over some rows. */
export interface JoinBranch {
  /** The rows behind its last step. */
  readonly rows: readonly StagedRow[]
  /** Whether a row of the fork was sent there. */
  goesTo(row: StagedRow): boolean | Promise<boolean>
  /** Origins of rows that its steps rejected, and of those that these were expanded from. */
  rejected(): Promise<ReadonlySet<string>>
}

/** A join over the rows of its branches. */
export interface JoinRun {
  readonly definition: JoinDefinition
  readonly stepName: string
  readonly params: Row
  readonly columns: readonly BranchColumns[]
  /** The rows where the branches part, in order. */
  readonly fork: readonly StagedRow[]
  /** In declared order. */
  readonly branches: readonly JoinBranch[]
  /** Whether they begin with generators of their own, of which some may make fewer rows than others. */
  readonly haveOwnSources: boolean
}

/** What a join makes of its rows. */
export interface JoinResult {
  readonly rows: StagedRow[]
  readonly rejected: RejectedRow[]
}

/**
 * Brings branches together by the origin of their rows, in the order in which they came to where the branches part.
 *
 * A row that a branch rejected is left out: it stands in `rejected` already. One that a branch lacks otherwise
 * follows `onMissing`; one that no branch has was let out by all of them.
 *
 * @throws RetortError `step-threw` where a branch makes several rows of one, `row-lost` where that is to stop the run
 */
export async function runJoin(run: JoinRun): Promise<JoinResult> {
  checkExpanded(run)
  const byOrigin = run.branches.map(({ rows }) => new Map(rows.map((row) => [row.origin, row.row])))
  const result: JoinResult = { rows: [], rejected: [] }
  for (const staged of run.fork) {
    const found = byOrigin.map((rows) => rows.get(staged.origin))
    if (found.every((row) => row === undefined)) continue
    const lacking: { readonly branch: JoinBranch; readonly index: number }[] = []
    for (const [index, branch] of run.branches.entries())
      if (found[index] === undefined && (await branch.goesTo(staged)))
        lacking.push({ branch, index })
    const reason = await whyLeftOut(run, staged, lacking)
    if (reason === undefined) {
      const rows = found.map((own, index): JoinedRow => {
        const isLacking = lacking.some((each) => each.index === index)
        return own ?? (isLacking ? null : undefined)
      })
      const joined = run.definition.join(rows, run.columns, run.params)
      result.rows.push({ ...staged, row: joined })
    } else if (reason !== null) {
      const { stepName: step } = run
      result.rejected.push({ ...staged, step, code: 'row-missing', reason, raw: null })
    }
  }
  return result
}

/** Why a row that branches lack cannot be joined; `null` where that was told already. */
async function whyLeftOut(
  { stepName, params, columns, haveOwnSources }: JoinRun,
  { origin }: StagedRow,
  lacking: readonly { readonly branch: JoinBranch; readonly index: number }[],
): Promise<string | null | undefined> {
  if (lacking.length === 0) return undefined
  const rejected = await Promise.all(lacking.map(async ({ branch }) => await branch.rejected()))
  if (rejected.some((origins) => origins.has(origin))) return null
  const onMissing = params['onMissing'] ?? 'reject'
  if (onMissing === 'null') return undefined
  const names = quoted(lacking.map(({ index }) => columns[index]?.name ?? ''))
  const reason = `Row ${origin} does not come to join '${stepName}' from branch ${names}, which ${haveOwnSources ? 'has no such row or ' : ''}let it out.`
  if (onMissing === 'error')
    throw new RetortError(
      'row-lost',
      `${reason} Set its parameter 'onMissing' to 'reject' or 'null' to go on without it.`,
    )
  return reason
}

/** What was expanded in one branch has no partners in the others. */
function checkExpanded({ stepName, columns, fork, branches }: JoinRun): void {
  const parted = new Set(fork.map(({ origin }) => origin))
  for (const [index, { rows }] of branches.entries())
    for (const { origin } of rows)
      if (!parted.has(origin))
        throw new RetortError(
          'step-threw',
          `Branch '${columns[index]?.name ?? ''}' of join '${stepName}' makes several rows out of one, so that they have no partners in the others; group its answers or expand behind the join.`,
        )
}
