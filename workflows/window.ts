import type { PlanSummary } from '../activities/activities.ts'
import type { Window } from '../src/core/schedule.ts'

const mostBatches = 64
const fewestBatches = 8
const untoldBatches = 16
const rowsPerCall = 8

/**
 * How many lanes work off a run's shards.
 *
 * Several, so that one lane's shard may end while another's is in full swing; few, since each is a workflow.
 */
export function countLanes(shards: number): number {
  return Math.max(1, Math.min(shards, 4))
}

/**
 * What one of several lanes keeps going: together about eight rows for each call that may be in flight,
 * so that storing and scheduling hide behind waiting calls.
 */
export function laneWindow(plan: PlanSummary, lanes: number): Window {
  const share = (whole: number) => Math.max(1, Math.ceil(whole / lanes))
  const groups = Object.entries(plan.groups).map(([group, told]) => [
    group,
    told === null
      ? { rows: 0, minBatches: share(untoldBatches) }
      : { rows: share(rowsPerCall * told), minBatches: share(fewestBatches) },
  ])
  return { maxBatches: share(mostBatches), groups: Object.fromEntries(groups) }
}
