import { extentsOf } from './reach.ts'
import type { Measured, Reach } from './reach.ts'
import type { RowTarget } from './spec.ts'
import type { StepPlace } from './stages.ts'

/** Most rows that are taken where an estimate is all that speaks for them. */
const mostGuessed = 500
/** How much more is taken than an estimate says, so that the end does not take many waves. */
const margin = 1.2

/** What of a plan decides how far its waves go. */
export interface WavePlan {
  /** Source rows. */
  readonly rows: number
  readonly target: RowTarget | null
  /** How many rows may come of one source row, as far as that is known. */
  readonly growth: number
}

/** How far the first wave of a run goes: to the end where it has no target. */
export function firstReach(plan: WavePlan): Reach {
  return { end: plan.target === null ? null : nextEnd(plan, plan.target, 0, 0), sets: {} }
}

/** How many source rows the first wave takes. */
export function firstRows(plan: WavePlan): number {
  return firstReach(plan).end ?? plan.rows
}

/** What of a plan decides how many of its rows have passed. */
export interface AcceptingPlan extends Measured {
  readonly steps: readonly (Measured['steps'][number] & Pick<StepPlace, 'isGathered'>)[]
  readonly leaves: readonly number[]
}

/**
 * How many rows have passed every step.
 *
 * @param made - for each step, the rows that its batches made
 */
export function acceptedRows(plan: AcceptingPlan, reach: Reach, made: readonly number[]): number {
  const [leaf = 0] = plan.leaves
  // No batch makes the rows of a generator that nothing comes after.
  return (plan.steps[leaf]?.isGathered === true ? extentsOf(plan, reach)[leaf] : made[leaf]) ?? 0
}

/**
 * Up to which source row the next wave goes.
 *
 * It takes what can be missing at least, one source row for each row, where no more than one was made of each so far;
 * and towards the end what an estimate says, up to 500 rows. So all waves but the last are needed for certain, and the
 * last one asks for little more than is needed. The first takes fewer where steps may make several rows of one. Only
 * results decide, so that a run that is repeated makes the same waves.
 *
 * @param done - source rows that were taken so far
 * @param accepted - rows that passed of them
 */
export function nextEnd(
  { rows, growth }: WavePlan,
  target: RowTarget,
  done: number,
  accepted: number,
): number {
  const missing = target.accepted - accepted
  const rate = done === 0 ? 1 : accepted / done
  const estimated = rate === 0 ? mostGuessed : Math.ceil((margin * missing) / rate)
  const guessed = Math.min(mostGuessed, estimated)
  const isTold = done > 0
  const needed = !isTold ? 0 : rate <= 1 ? missing : Math.floor((0.9 * missing) / rate)
  const first = Math.min(Math.ceil(missing / growth), mostGuessed)
  return Math.min(rows, done + Math.max(1, isTold ? Math.max(guessed, needed) : first))
}
