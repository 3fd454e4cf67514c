import { Context } from '@temporalio/activity'

import type { Plan } from '../src/core/plan.ts'
import type { Reach } from '../src/core/reach.ts'
import type { Journal } from '../src/storage/journal/journal.ts'
import type { Store } from '../src/storage/store.ts'
import type { RunRef } from './activities.ts'
import { inActivity } from './activity-scope.ts'
import type { RunBudgets } from './budget.ts'
import type { Chunks } from './chunks.ts'
import { ImageFiles } from './image-files.ts'
import type { Journals } from './journals.ts'
import type { LoadedPlans } from './loaded-plan.ts'
import type { Models } from './models.ts'
import type { BatchServices } from './run-batch.ts'
import type { RunGates } from './run-gates.ts'
import type { Turns } from './turns.ts'

/** Seconds after its first call at which an attempt of a batch asks no more and is handed back. */
const attemptSeconds = 600

/** What work that asks models takes from its process. */
export interface ProcessMeans {
  readonly store: Store
  readonly plans: LoadedPlans
  readonly chunks: Chunks
  readonly models: Models
  readonly journals: Journals
  readonly turns: Turns
  readonly gates: RunGates
  readonly budgets: RunBudgets
  check(ref: RunRef): void
}

/** Whose work it is, and how often its run had been resumed when it was scheduled. */
export interface GatedTask {
  readonly ref: RunRef
  readonly generation: number
  /** The step that is worked on, and how far its run has come. */
  readonly at?: { readonly step: number; readonly reach: Reach }
}

/** What such work gets. */
export interface GatedServices extends BatchServices {
  readonly journal: Journal
}

/** Runs an activity that asks models, or may, while its run may. */
export type GatedWork = <T>(
  task: GatedTask,
  work: (services: GatedServices) => Promise<T>,
) => Promise<T>

/** Makes the function that runs such activities with what they need. */
export function createGatedWork(means: ProcessMeans): GatedWork {
  const { store, plans, chunks, models, journals, turns, gates, budgets } = means
  return ({ ref, generation, at }, work) =>
    inActivity(async (signal, pulse) => {
      means.check(ref)
      const going = { signal, check: () => pulse.check() }
      return await gates.use(ref, generation, going, async (gate) => {
        const loaded = await plans.get(ref)
        const { attempt } = Context.current().info
        const { plan } = loaded
        const round = at === undefined ? '' : roundOf(at, plan)
        const { journal, answers } = await journals.of(plan.spec.name, ref, attempt, round)
        let deadline: number | undefined
        const scope = {
          gate,
          signal: gate.signal,
          get deadline() {
            return (deadline ??= Date.now() + attemptSeconds * 1_000)
          },
          ready: () => journal.ready(),
          budget: budgets.of(ref.run, plan.spec.name),
        }
        const services = {
          loaded,
          chunks,
          models,
          turns,
          journal,
          answers,
          images: new ImageFiles(store, plan.workingFolder ?? '.'),
          scope,
          isFirstAttempt: attempt === 1,
        }
        return await work(services).catch(async (error: unknown) => {
          // Whoever has the work next is to find what this attempt was answered.
          await journal.flush()
          throw error
        })
      })
    })
}

/** Names the work before which batch jobs may have brought answers, in whichever process; none where a run has no jobs. */
function roundOf({ step, reach }: NonNullable<GatedTask['at']>, { steps }: Plan): string {
  const hasJobs = steps.some(({ model }) => model?.mode !== undefined)
  return hasJobs ? `${step}/${reach.end}` : ''
}
