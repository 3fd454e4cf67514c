import type { Window } from '../src/core/schedule.ts'
import type { ShardControl } from './shard-control.ts'

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
 * so that storing and scheduling hide behind waiting calls. It follows ceilings that change.
 */
export function laneWindow(control: Pick<ShardControl, 'orders'>, lanes: number): Window {
  const share = (whole: number) => Math.max(1, Math.ceil(whole / lanes))
  return {
    maxBatches: share(mostBatches),
    get groups() {
      const groups = Object.entries(control.orders.groups).map(([group, told]) => [
        group,
        told === null
          ? { rows: 0, minBatches: share(untoldBatches) }
          : { rows: share(rowsPerCall * told), minBatches: share(fewestBatches) },
      ])
      return Object.fromEntries(groups)
    },
  }
}
