import type { Client } from '@temporalio/client'

import type { Figures } from '../../activities/activities.ts'
import type { LaneProgress, RunProgress } from '../../workflows/run-input.ts'
import { workflowNames } from '../core/run-names.ts'

/** How far a run is. */
export interface Progress {
  readonly state: RunProgress['state']
  /** Source rows. */
  readonly rows: number
  /** Source rows that have gone through every step; rises smoothly, since each step counts for its share. */
  readonly doneRows: number
  readonly figures: Figures
  readonly steps: readonly {
    readonly name: string
    readonly doneRows: number
    readonly rows: number
  }[]
  readonly notices: readonly string[]
}

const nothing: Figures = {
  calls: 0,
  reusedAnswers: 0,
  inputTokens: 0,
  outputTokens: 0,
  rejected: 0,
}

/** Asks a run and its lanes how far they are; `undefined` while none of them can answer. */
export async function readProgress(client: Client, run: string): Promise<Progress | undefined> {
  const progress = await query<RunProgress>(client, run)
  if (progress === undefined) return undefined
  const { plan, state } = progress
  if (plan === null)
    return { state, rows: 0, doneRows: 0, figures: nothing, steps: [], notices: [] }
  const lanes = await Promise.all(progress.lanes.map((lane) => query<LaneProgress>(client, lane)))
  lanes.push(progress.own ?? undefined)
  let figures = nothing
  const positions = plan.steps.map(() => 0)
  const made = plan.steps.map(() => 0)
  for (const lane of lanes) {
    if (lane === undefined) continue
    figures = sum(figures, lane.figures)
    for (const step of positions.keys()) {
      positions[step] = (positions[step] ?? 0) + (lane.positions[step] ?? 0)
      made[step] = (made[step] ?? 0) + (lane.rows[step] ?? 0)
    }
  }
  const steps = plan.steps.flatMap(({ name }, index) =>
    index === plan.source
      ? []
      : [{ name, doneRows: positions[index] ?? 0, rows: made[index] ?? 0 }],
  )
  const share =
    steps.length === 0
      ? plan.rows
      : steps.reduce((all, step) => all + step.doneRows, 0) / steps.length
  return {
    state,
    rows: plan.rows,
    doneRows: Math.floor(share),
    figures,
    steps,
    notices: plan.notices,
  }
}

async function query<T>(client: Client, workflowId: string): Promise<T | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).query<T>(workflowNames.progress)
  } catch {
    // Not started, or no worker to answer: there is nothing to tell.
    return undefined
  }
}

function sum(a: Figures, b: Figures): Figures {
  return {
    calls: a.calls + b.calls,
    reusedAnswers: a.reusedAnswers + b.reusedAnswers,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    rejected: a.rejected + b.rejected,
  }
}
