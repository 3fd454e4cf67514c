import type { PlanSummary } from '../activities/activities.ts'
import { addFigures, noFigures } from '../src/core/run-report.ts'
import type { LaneProgress } from './run-input.ts'

/** Nothing done. */
export function noProgress({ steps }: Pick<PlanSummary, 'steps'>): LaneProgress {
  const nothing = steps.map(() => 0)
  return { figures: noFigures, foundCalls: 0, positions: nothing, rows: nothing }
}

/** Adds up what several have done. */
export function addProgress(a: LaneProgress, b: LaneProgress): LaneProgress {
  const add = (left: readonly number[], right: readonly number[]) =>
    left.map((count, step) => count + (right[step] ?? 0))
  return {
    figures: addFigures(a.figures, b.figures),
    foundCalls: a.foundCalls + b.foundCalls,
    positions: add(a.positions, b.positions),
    rows: add(a.rows, b.rows),
  }
}
