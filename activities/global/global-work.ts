import type { DatasetHub } from '../../src/core/dataset-hub.ts'
import type { Chunks } from '../chunks.ts'
import type { GlobalPhase, GlobalPlan } from '../activities.ts'
import type { LoadedPlan } from '../loaded-plan.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import type { Store } from '../../src/storage/store.ts'

/** What work on all rows of a step needs. */
export interface GlobalServices {
  readonly store: Store
  readonly chunks: Chunks
  readonly loaded: LoadedPlan
  readonly rows: PlanRows
  readonly hub: DatasetHub
  readonly signal: AbortSignal
}

/** What has to be done before a step that needs all rows has left its own. */
export interface GlobalWork {
  /** One after the other, the tasks of each side by side. */
  readonly phases: GlobalPlan['phases']
  /** How many parts the rows have that it leaves. */
  readonly parts: number
  /**
   * Does one task. Safe to run twice: what it stores has one place, and what tells that it is done is stored last.
   *
   * @param key - where the rows are stored
   * @param task - which slice of the rows, or which part of those that it leaves
   */
  run(key: string, phase: Exclude<GlobalPhase, 'finish'>, task: number): Promise<void>
}
