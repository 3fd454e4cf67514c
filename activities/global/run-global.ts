import { RetortError } from '../../src/core/errors.ts'
import { readRowSetManifest } from '../../src/storage/row-sets/row-set.ts'
import type { GlobalOutcome, GlobalPhase, GlobalPlan } from '../activities.ts'
import { atStep } from '../failures.ts'
import { finishSet, toOutcome } from './finish-set.ts'
import type { GlobalServices, GlobalWork } from './global-work.ts'
import { joinWork } from './join-work.ts'
import { passWork } from './pass-work.ts'
import { setKey } from './set-key.ts'

/** One task of a phase. */
export interface GlobalTask {
  readonly step: number
  /** Where the rows are stored that the step leaves. */
  readonly key: string
  readonly phase: GlobalPhase
  readonly task: number
}

/** Finds what a step that needs all rows left, or has to do; few rows are done at once. */
export async function planGlobal(services: GlobalServices, step: number): Promise<GlobalPlan> {
  const definition = services.loaded.steps[step]?.definition
  const isDelivered = definition?.kind === 'global' && definition.deliver !== undefined
  const key = await setKey(services.rows, step, isDelivered)
  const stored = await readRowSetManifest(services.store, key)
  if (stored !== undefined) return { key, left: toOutcome(stored), phases: [] }
  const work = workOf(services, step)
  const phases = [...work.phases, { phase: 'finish' as const, tasks: 1 }]
  if (work.parts > 1) return { key, left: null, phases }
  let left: GlobalOutcome | null = null
  for (const { phase, tasks } of phases)
    for (let task = 0; task < tasks; task++)
      left = await runGlobal(services, { step, key, phase, task })
  return { key, left, phases: [] }
}

/**
 * Does one task of a step that needs all rows.
 *
 * @returns what the step left, for its last task
 */
export async function runGlobal(
  services: GlobalServices,
  { step, key, phase, task }: GlobalTask,
): Promise<GlobalOutcome | null> {
  const { store, signal } = services
  signal.throwIfAborted()
  const left = await readRowSetManifest(store, key)
  if (left !== undefined) return toOutcome(left)
  try {
    const work = workOf(services, step)
    if (phase === 'finish') return await finishSet(store, key, work.parts)
    await work.run(key, phase, task)
    return null
  } catch (error) {
    // Another run may have finished the same meanwhile, and have removed what is needed on the way.
    const stored = await readRowSetManifest(store, key)
    if (stored !== undefined) return toOutcome(stored)
    throw atStep(error, services.rows.plan.steps[step]?.name ?? '')
  }
}

function workOf(services: GlobalServices, index: number): GlobalWork {
  const step = services.loaded.steps[index]
  if (step?.definition.kind === 'global') return passWork(services, index, step, step.definition)
  if (step?.definition.kind === 'join') return joinWork(services, index, step, step.definition)
  throw new RetortError('internal', `Step ${index} of '${services.loaded.plan.run}' is not global.`)
}
