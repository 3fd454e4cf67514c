import type { PlanSummary, RunRef } from '../activities/activities.ts'
import type { Reach } from '../src/core/reach.ts'
import type { Figures, RunState } from '../src/core/run-report.ts'
import type { OnStop } from '../src/core/run-settings.ts'
import type { RejectedCount } from '../src/core/too-many-rejected.ts'

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
  /** What it does when something stops it that a person has to mend. */
  readonly onStop: OnStop
}

/** What holds for a lane's work; told anew when the run is resumed or set otherwise. */
export interface LaneOrders {
  /** How often the run has been resumed. */
  readonly generation: number
  /** Limit group to the told ceiling of calls in flight, `null` where none was told. */
  readonly groups: Readonly<Record<string, number | null>>
  readonly maxRejected: number | null
}

/** Why a run cannot go on until somebody mends it. */
export interface StopReason {
  readonly code: string
  /** One sentence. */
  readonly message: string
}

/** What a lane tells when a batch of it was stopped. */
export interface LaneStop extends StopReason {
  /** The generation that the batch was scheduled in. */
  readonly generation: number
}

/** What a lane tells when so much is rejected that it may be too much. */
export interface LaneCount extends RejectedCount {
  /** The lanes that work off the same stage. */
  readonly group: string
  readonly lane: number
}

/** What all work of a run is told. */
export interface StageWork {
  readonly ref: RunRef
  readonly plan: PlanSummary
  /** The queue of the activities, where it is another than the workflow's. */
  readonly activityQueue: string | null
}

/** What the work on a shard of a stage is told. */
export interface ShardWork extends StageWork {
  readonly reach: Reach
  readonly stage: number
  readonly lanes: number
}

/** What starts a lane, and what it hands to itself when it continues as new. */
export interface LaneInput extends ShardWork {
  readonly group: string
  readonly lane: number
  /** How many positions the stage has. */
  readonly positions: number
  /** The shard that is next; a lane takes every `lanes`-th one. */
  readonly shard: number
  readonly progress: LaneProgress
  readonly orders: LaneOrders
  readonly onStop: OnStop
}

/** How far a lane is. */
export interface LaneProgress {
  readonly figures: Figures
  /** Of the calls among them, those that earlier executions of the run made. */
  readonly foundCalls: number
  /** For each step, the source rows that have gone through it. */
  readonly positions: readonly number[]
  /** For each step, the rows that it stored. */
  readonly rows: readonly number[]
}

/** What a wave of source rows came to. */
export interface DoneWave {
  /** Source rows that were taken so far. */
  readonly end: number
  /** Rows that passed every step. */
  readonly accepted: number
  readonly figures: Figures
}

/** How far a run is; what the query `progress` of the coordinator answers. */
export interface RunProgress {
  readonly state: Exclude<RunState, 'paused'>
  /** Why it is paused; `null` while it is not. */
  readonly pausedReason: string | null
  /** When the execution began, in milliseconds since 1970. */
  readonly startedAt: number
  readonly plan: PlanSummary | null
  /** How far its rows go, as far as that is known. */
  readonly reach: Reach
  /** What the last wave came to that is done; the next one goes over its rows again. */
  readonly done: DoneWave | null
  /** Batch jobs that are waited for, by the index of their step. */
  readonly jobs: readonly {
    readonly step: number
    readonly requests: number
    readonly finished: number
  }[]
  /** Workflow ids of the lanes that are at work. */
  readonly lanes: readonly string[]
  /** What the run worked off itself, and what lanes did that have ended. */
  readonly own: LaneProgress | null
}
