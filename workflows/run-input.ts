import type { PlanSummary, RunRef } from '../activities/activities.ts'
import type { Figures, RunState } from '../src/core/run-report.ts'

/** What starts a run; the rest is in the store. */
export interface RunInput {
  readonly storeId: string
  readonly run: string
  readonly pipeline: string
  readonly code: string | null
  /** Where the run's request is stored. */
  readonly specKey: string
  /** Whether a run that was planned with another pipeline or source goes on with this one. */
  readonly acceptsChanges: boolean
  /** The queue of the activities, where it is another than the workflow's. */
  readonly activityQueue: string | null
  /** Whether it may run beside another run of the same pipeline. */
  readonly isConcurrent: boolean
}

/** What starts a lane, and what it hands to itself when it continues as new. */
export interface LaneInput {
  readonly ref: RunRef
  readonly plan: PlanSummary
  readonly activityQueue: string | null
  readonly lane: number
  readonly lanes: number
  /** The shard that is next; a lane takes every `lanes`-th one. */
  readonly shard: number
  readonly progress: LaneProgress
}

/** How far a lane is. */
export interface LaneProgress {
  readonly figures: Figures
  /** For each step, the source rows that have gone through it. */
  readonly positions: readonly number[]
  /** For each step, the rows that it stored. */
  readonly rows: readonly number[]
}

/** How far a run is; what the query `progress` of the coordinator answers. */
export interface RunProgress {
  readonly state: RunState
  readonly plan: PlanSummary | null
  /** Workflow ids of the lanes. */
  readonly lanes: readonly string[]
  /** What the run works off itself, without a lane. */
  readonly own: LaneProgress | null
}
