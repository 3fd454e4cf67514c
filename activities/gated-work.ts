import { Context } from '@temporalio/activity'

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
export interface GatedProcess {
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
  /** Names work before which others may have filled the journal, so that it is looked at again. */
  readonly round?: string
}

/** Runs an activity that asks models, or may, while its run may. */
export type GatedWork = <T>(
  task: GatedTask,
  work: (services: BatchServices) => Promise<T>,
) => Promise<T>

/** Makes the function that runs such activities with what they need. */
export function createGatedWork(process: GatedProcess): GatedWork {
  const { store, plans, chunks, models, journals, turns, gates, budgets } = process
  return ({ ref, generation, round = '' }, work) =>
    inActivity(async (signal, pulse) => {
      process.check(ref)
      const going = { signal, check: () => pulse.check() }
      return await gates.use(ref, generation, going, async (gate) => {
        const loaded = await plans.get(ref)
        const { attempt } = Context.current().info
        const { journal, answers } = await journals.of(loaded.plan.spec.name, ref, attempt, round)
        let deadline: number | undefined
        const scope = {
          gate,
          signal: gate.signal,
          get deadline() {
            return (deadline ??= Date.now() + attemptSeconds * 1_000)
          },
          ready: () => journal.ready(),
          budget: budgets.of(ref.run, loaded.plan.spec.name),
        }
        const services = {
          loaded,
          chunks,
          models,
          turns,
          answers,
          images: new ImageFiles(store, loaded.plan.workingFolder ?? '.'),
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
