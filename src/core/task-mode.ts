import type { Row } from './columns.ts'

/** How a task asks its model: call by call, in batch jobs of its provider, or whichever suits. */
export const taskModes = ['online', 'batch', 'auto'] as const

/** How a task asks its model. */
export type TaskMode = (typeof taskModes)[number]

/**
 * How a planned step asks: `online` call by call; `batch` hands what it asks in to its provider's batch jobs; `awaits`
 * waits for the answers that jobs of other runs will bring, and asks the rest call by call.
 */
export type PlannedMode = 'online' | 'batch' | 'awaits'

/** From so many rows on `auto` takes batch jobs. */
export const leastRowsOfJobs = 500

/** What of a step, its model and its run decides on its mode. */
export interface ModeBasis {
  readonly params: Row
  /** Whether its model has batch jobs. */
  readonly hasJobs: boolean
  /** Whether its server is known to offer them. */
  readonly offersJobs: boolean
  /** Rows that it gets, about. */
  readonly rows: number
  /** Whether somebody waits for the run. */
  readonly isAttended: boolean
  /** Whether jobs of other runs are under way that ask the same model. */
  readonly areOthersGoing: boolean
}

/** How a step asks its model; one without jobs was refused where it was asked for. */
export function planMode(basis: ModeBasis): PlannedMode {
  const { params, hasJobs, offersJobs, rows, isAttended, areOthersGoing } = basis
  const { mode } = params
  const isWorthIt = offersJobs && rows >= leastRowsOfJobs && !isAttended
  const wantsJobs = mode === 'batch' || (mode === 'auto' && isWorthIt)
  if (hasJobs && wantsJobs) return 'batch'
  return areOthersGoing ? 'awaits' : 'online'
}
