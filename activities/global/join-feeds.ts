import { findJoinPaths } from '../../src/core/join-paths.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import { planSlices } from './slices.ts'
import type { Slice } from './slices.ts'

/** What a join has to know of a slice of a step before it: its rows, or which it rejected. */
export interface Feed extends Slice {
  readonly what: 'rows' | 'rejected'
}

/** Everything that a join has to bring into the order of the rows at which its branches part. */
export function planFeeds(rows: PlanRows, join: number): Feed[] {
  const { plan } = rows
  const { fork, branches } = findJoinPaths(plan.steps, join)
  const parts = branches.flat()
  // Routes within branches that were joined again are asked as well.
  const routed = parts
    .flatMap(({ from, within }) => (from === null ? within : [from, ...within]))
    .filter((step) => step !== fork && plan.steps[step]?.route !== null)
  const made = new Set([...(plan.steps[join]?.after ?? []), ...routed])
  const rejecting = new Set(parts.flatMap(({ step, within }) => [step, ...within]))
  return [...feedsOf(rows, made, 'rows'), ...feedsOf(rows, rejecting, 'rejected')]
}

function feedsOf(rows: PlanRows, steps: ReadonlySet<number>, what: Feed['what']): Feed[] {
  return [...steps].flatMap((step) => planSlices(rows, [step]).map((slice) => ({ ...slice, what })))
}

/** How many barriers a step's rows have gone through: so many places they have. */
export function depthOf({ steps }: Pick<Plan, 'steps'>, step: number): number {
  const barrier = steps[step]?.barrier ?? null
  if (barrier === null) return 0
  const { after = [], kind } = steps[barrier] ?? {}
  // Rows of several steps, one after the other, keep nothing of where they stood before.
  if (kind === 'global' && after.length > 1) return 1
  const { fork } = kind === 'join' ? findJoinPaths(steps, barrier) : { fork: after[0] ?? null }
  return 1 + (fork === null ? 0 : depthOf({ steps }, fork))
}
