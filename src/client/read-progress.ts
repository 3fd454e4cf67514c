import type { Client } from '@temporalio/client'

import type { PlanSummary } from '../../activities/activities.ts'
import type { LaneProgress, RunProgress } from '../../workflows/run-input.ts'
import { extentsOf } from '../core/reach.ts'
import { isBarrier } from '../core/stages.ts'
import { forecastOf } from '../core/forecast.ts'
import { addFigures, laterFigures, noFigures } from '../core/run-report.ts'
import type { Progress } from '../core/run-report.ts'
import { workflowNames } from '../core/run-names.ts'

/** Asks a run and its lanes how far they are; `undefined` while none of them can answer. */
export async function readProgress(client: Client, run: string): Promise<Progress | undefined> {
  const progress = await query<RunProgress>(client, run)
  if (progress === undefined) return undefined
  const { plan, pausedReason, reach, done } = progress
  const state = pausedReason === null ? progress.state : 'paused'
  if (plan === null)
    return {
      state,
      pausedReason,
      rows: 0,
      doneRows: 0,
      target: null,
      figures: noFigures,
      jobs: null,
      forecast: null,
      steps: [],
      notices: [],
    }
  const lanes = await Promise.all(progress.lanes.map((lane) => query<LaneProgress>(client, lane)))
  lanes.push(progress.own ?? undefined)
  let figures = noFigures
  let foundCalls = 0
  const positions = plan.steps.map(() => 0)
  const made = plan.steps.map(() => 0)
  for (const lane of lanes) {
    if (lane === undefined) continue
    figures = addFigures(figures, lane.figures)
    foundCalls += lane.foundCalls
    for (const step of positions.keys()) {
      positions[step] = (positions[step] ?? 0) + (lane.positions[step] ?? 0)
      made[step] = (made[step] ?? 0) + (lane.rows[step] ?? 0)
    }
  }
  const extents = extentsOf(plan, reach)
  const shares = plan.steps.flatMap((step, index) => {
    const { barrier, isGathered } = step
    if (isGathered && !isBarrier(step)) return []
    const isKnown = barrier === null || barrier === index || reach.sets[barrier] !== undefined
    const extent = isGathered ? inputsOf(plan, extents, index) : (extents[index] ?? 0)
    if (extent > 0) return [Math.min(1, (positions[index] ?? 0) / extent)]
    return [isKnown && !isGathered ? 1 : 0]
  })
  const steps = plan.steps.flatMap((step, index) =>
    step.isGathered && !isBarrier(step)
      ? []
      : [{ name: step.name, doneRows: positions[index] ?? 0, rows: made[index] ?? 0 }],
  )
  if (done !== null) figures = laterFigures(figures, done.figures)
  const share = shares.length === 0 ? 1 : shares.reduce((all, one) => all + one, 0) / shares.length
  const taken = reach.end ?? plan.rows
  const doneRows = Math.max(done?.end ?? 0, Math.floor(share * taken))
  const target = targetOf(plan, Math.max(done?.accepted ?? 0, made[plan.leaves[0] ?? 0] ?? 0))
  const rows =
    target === null || target.accepted === 0
      ? taken
      : Math.max(doneRows, Math.min(plan.rows, neededRows(target, doneRows)))
  const elapsedSeconds = (Date.now() - progress.startedAt) / 1_000
  return {
    state,
    pausedReason,
    rows,
    doneRows,
    target,
    figures,
    jobs: jobsOf(progress),
    // Before any row has passed, nothing tells how many waves there will be.
    forecast:
      target?.accepted === 0
        ? null
        : forecastOf({ rows, doneRows, figures, foundCalls, elapsedSeconds }),
    steps,
    notices: plan.notices,
  }
}

/** What the batch jobs of all steps come to. */
function jobsOf({ jobs = [] }: Partial<RunProgress>): Progress['jobs'] {
  if (jobs.length === 0) return null
  const sum = (name: 'requests' | 'finished') => jobs.reduce((all, one) => all + one[name], 0)
  return { requests: sum('requests'), finished: sum('finished') }
}

function targetOf({ target }: PlanSummary, made: number): Progress['target'] {
  if (target === null) return null
  return { accepted: Math.min(made, target.accepted), wanted: target.accepted }
}

/** How many source rows it takes if as many go on to pass. */
function neededRows({ accepted, wanted }: NonNullable<Progress['target']>, done: number): number {
  return Math.ceil((done * wanted) / accepted)
}

/** How many rows a global step gets. */
function inputsOf({ steps }: PlanSummary, extents: readonly number[], step: number): number {
  return (steps[step]?.after ?? []).reduce((sum, before) => sum + (extents[before] ?? 0), 0)
}

async function query<T>(client: Client, workflowId: string): Promise<T | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).query<T>(workflowNames.progress)
  } catch {
    // Not started, or no worker to answer: there is nothing to tell.
    return undefined
  }
}
