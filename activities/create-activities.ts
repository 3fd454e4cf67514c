import { Context } from '@temporalio/activity'

import { RetortError } from '../src/core/errors.ts'
import type { Activities, RunRef } from './activities.ts'
import { inActivity } from './activity-scope.ts'
import { addPaid } from './add-paid.ts'
import { checkStore, checkWorker } from './check-worker.ts'
import { RunBudgets } from './budget.ts'
import { Chunks } from './chunks.ts'
import { Journals } from './journals.ts'
import { createGatedWork } from './gated-work.ts'
import { createJobActivities } from './jobs/create-job-activities.ts'
import type { Leases } from './leases.ts'
import { LoadedPlans } from './loaded-plan.ts'
import { ModestHeap } from './modest-heap.ts'
import { Models } from './models.ts'
import { readRequest, settlePlan } from './plan-run.ts'
import { Places } from './places.ts'
import { planGlobal, runGlobal } from './global/run-global.ts'
import { planShard } from './plan-shard.ts'
import { toSummary } from './plan-summary.ts'
import { publishDataset, publishPart } from './publish-dataset.ts'
import { runBatch } from './run-batch.ts'
import { takeControl, writeControl } from './run-control.ts'
import { RunGates } from './run-gates.ts'
import { budgetedModels, checkBudget } from '../src/core/check-budget.ts'
import type { ModelSpec } from '../src/core/llm-spec.ts'
import { modelKindOf } from '../src/core/model-param.ts'
import { countShards } from '../src/core/range.ts'
import { firstReach, firstRows } from '../src/core/wave.ts'
import { readUsage } from '../src/storage/budget/read-usage.ts'
import { rebuildBudget } from '../src/storage/budget/rebuild-budget.ts'
import { Turns } from './turns.ts'
import type { WorkerContext } from './worker-context.ts'

/** Each holds the rows of a slice, some ten thousand, in memory. */
const globalTasksAtOnce = 2

/** The activities of a worker process, and how to end them. */
export interface LiveActivities {
  readonly activities: Activities
  /** Loads what models need while the worker connects. */
  warmUp(models: readonly ModelSpec[]): Promise<void>
  /** Model calls that wait for an answer. */
  callsInFlight(): number
  /** Why a provider is not asked at the moment, as one sentence. */
  blockedReason(): string | null
  /** Lets no further model call start; those in flight finish. */
  stopCalls(): void
  close(): Promise<void>
}

/** Wires the work to a process's store, code and keys. */
export function createActivities(context: WorkerContext, leases?: Leases): LiveActivities {
  const { store, hub } = context
  const plans = new LoadedPlans(context)
  const chunks = new Chunks(store)
  const models = new Models(context, leases)
  const journals = new Journals(store)
  const turns = new Turns()
  const globalPlaces = new Places(globalTasksAtOnce)
  const partPlaces = new Places(1)
  const heap = new ModestHeap()
  const gates = new RunGates(store)
  const usageOf = (run: string, pipeline: string) => readUsage(store, run, pipeline)
  const budgets = new RunBudgets(store, usageOf)
  const servicesOf = async (ref: RunRef) => ({ store, chunks, loaded: await plans.get(ref) })
  const check = (ref: RunRef) => checkWorker(context, ref)
  const means = { store, plans, chunks, models, journals, turns, gates, budgets, check }
  const gated = createGatedWork(means)
  const activities: Activities = {
    planRun: ({ ref, specKey, acceptsChanges }) =>
      inActivity(async (signal) => {
        checkWorker(context, ref)
        const request = await readRequest(store, ref.run, specKey)
        const { client } = Context.current()
        const { settings = {}, spec } = request
        const planning = settlePlan(context, ref.run, request, acceptsChanges, signal)
        // A budget that cannot be kept must not become the run's.
        if (settings.budget !== undefined) await planning
        const [plan, control, { journal }] = await Promise.all([
          planning,
          takeControl(store, ref, settings, () => isGoing(client, ref)),
          journals.of(spec.name, ref, 1),
          rebuildBudget(store, ref.run, () => usageOf(ref.run, spec.name)),
        ])
        const { budget } = control.settings
        if (budget !== undefined) checkBudget(budget, budgetedModels(plan.steps))
        const summary = toSummary(plan, journal.stats())
        const isSmall = countShards(firstRows(summary), summary.shardSize) === 1
        const isFirst = summary.stages[0]?.barrier === null
        const loaded = isSmall && isFirst ? await plans.get(ref) : undefined
        const rows = loaded?.at(firstReach(summary))
        return {
          plan: summary,
          settings: control.settings,
          onlyShard: rows === undefined ? null : await planShard(store, rows, 0, 0),
        }
      }),
    planShard: ({ ref, reach, stage, shard }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        const loaded = await plans.get(ref)
        journals.compact(loaded.plan.spec.name)
        return await planShard(store, loaded.at(reach), stage, shard)
      }),
    planGlobal: ({ ref, reach, step }) =>
      inActivity(async (signal) => {
        checkWorker(context, ref)
        const loaded = await plans.get(ref)
        const services = { store, chunks, hub, loaded, rows: loaded.at(reach), signal }
        return await globalPlaces.use(() => planGlobal(services, step))
      }),
    runGlobal: ({ ref, reach, ...task }) =>
      inActivity(async (signal) => {
        checkWorker(context, ref)
        const loaded = await plans.get(ref)
        const services = { store, chunks, hub, loaded, rows: loaded.at(reach), signal }
        // Where there are few rows, planning has done it all.
        heap.keep()
        return await globalPlaces.use(() => runGlobal(services, task))
      }),
    runBatch: ({ ref, generation, ...task }) =>
      gated({ ref, generation, at: task }, (services) => {
        const step = services.loaded.steps[task.step]
        // Vectors are large, and many of them pass.
        if (step !== undefined && modelKindOf(step.definition) === 'embeddings') heap.keep()
        return runBatch({ ref, ...task }, services)
      }),
    ...createJobActivities({ ...means, heap }, gated),
    writeControl: ({ ref, control }) =>
      inActivity(async () => {
        checkStore(context, ref)
        await writeControl(store, ref.run, control)
      }),
    publishPart: ({ ref, reach, leaf, part }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        const services = { ...(await servicesOf(ref)), reach }
        return await partPlaces.use(() => {
          heap.tidyUp()
          return publishPart(services, leaf, part)
        })
      }),
    publishDataset: ({ ref, reach, figures, startedAt, parts }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        const publishing = { ...(await servicesOf(ref)), reach }
        const { plan } = publishing.loaded
        journals.compact(plan.spec.name)
        const paid = plan.target === null ? figures : await addPaid(store, plan, figures)
        return await publishDataset(publishing, ref, paid, startedAt, parts)
      }),
  }
  return {
    activities,
    warmUp: (specs) => models.warmUp(specs),
    callsInFlight: () => models.callsInFlight(),
    blockedReason: () => models.blockedReason(),
    stopCalls: () => {
      const stopping = new RetortError(
        'worker-stopping',
        'This worker is stopping, and hands its batches back.',
      )
      gates.close(stopping)
      models.stopCalls(stopping)
    },
    async close() {
      await budgets.close()
      await journals.close()
      await models.close()
    },
  }
}

/** Whether the server has an execution as running. */
async function isGoing({ workflow }: Context['client'], { run, execution }: RunRef) {
  try {
    const { status } = await workflow.getHandle(run, execution).describe()
    return status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false
    throw error
  }
}
