import { scheduleActivity } from '@temporalio/workflow'

import type { GlobalOutcome, GlobalPlan } from '../activities/activities.ts'
import type { Reach, RowSetRef } from '../src/core/reach.ts'
import { activityOptions } from './activity-options.ts'
import type { StageWork } from './run-input.ts'
import { untilDone } from './shard-control.ts'
import type { ShardControl } from './shard-control.ts'

/** Enough for several workers, of which each does a few at a time. */
const tasksAtOnce = 16

/**
 * Runs a global step: its passes one after the other, each over parts of the rows side by side.
 *
 * @param report - told which part of all tasks is done, from 0 to 1
 */
export async function runGlobalStep(
  { ref, plan, activityQueue }: StageWork,
  control: Pick<ShardControl, 'orders' | 'stopped'>,
  reach: Reach,
  step: number,
  report: (share: number) => void,
): Promise<{ readonly set: RowSetRef; readonly outcome: GlobalOutcome }> {
  const { name = '', taskQueue = null } = plan.steps[step] ?? {}
  const options = (what: string) => activityOptions(taskQueue ?? activityQueue, `${name} ${what}`)
  const { key, left, phases } = await untilDone(control, () =>
    scheduleActivity<GlobalPlan>('planGlobal', [{ ref, reach, step }], options('plan')),
  )
  const all = phases.reduce((sum, { tasks }) => sum + tasks, 0)
  let done = 0
  let outcome = left
  for (const { phase, tasks } of phases) {
    const waiting = Array.from({ length: tasks }, (_, task) => task).values()
    const workOff = async () => {
      for (const task of waiting) {
        const what = tasks === 1 ? phase : `${phase} ${task + 1} of ${tasks}`
        outcome = await untilDone(control, () =>
          scheduleActivity<GlobalOutcome | null>(
            'runGlobal',
            [{ ref, reach, step, key, phase, task }],
            options(what),
          ),
        )
        report(++done / all)
      }
    }
    await Promise.all(Array.from({ length: Math.min(tasks, tasksAtOnce) }, workOff))
  }
  const last = outcome ?? { rows: 0, rejected: 0 }
  return { set: { key, rows: last.rows }, outcome: last }
}
