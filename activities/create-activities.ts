import { RetortError } from '../src/core/errors.ts'
import type { Activities, PlanSummary, RunRef } from './activities.ts'
import { inActivity } from './activity-scope.ts'
import { Chunks } from './chunks.ts'
import type { Leases } from './leases.ts'
import { LoadedPlans } from './loaded-plan.ts'
import { Models } from './models.ts'
import { planRun } from './plan-run.ts'
import { planShard } from './plan-shard.ts'
import { countParts, publishDataset, publishPart } from './publish-dataset.ts'
import { runBatch } from './run-batch.ts'
import { RunControls, takeControl } from './run-control.ts'
import type { LLMSpec } from '../src/core/llm-spec.ts'
import { quoted } from '../src/core/names.ts'
import { countShards } from '../src/core/range.ts'
import type { Plan } from '../src/core/plan.ts'
import { Turns } from './turns.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * Seconds that one attempt of a batch may take: as good as unbounded while nothing keeps its answers, since what the
 * attempt has not stored by then would be paid again, and a slow model's batch would never end.
 */
const attemptSeconds = 20 * 3_600

/** The activities of a worker process, and how to end them. */
export interface LiveActivities {
  readonly activities: Activities
  /** Loads what models need while the worker connects. */
  warmUp(models: readonly LLMSpec[]): Promise<void>
  /** Model calls that wait for an answer. */
  callsInFlight(): number
  /** Lets no further model call start; those in flight finish. */
  stopCalls(): void
  close(): Promise<void>
}

/** Wires the work to a process's store, code and keys. */
export function createActivities(context: WorkerContext, leases?: Leases): LiveActivities {
  const { store } = context
  const plans = new LoadedPlans(context)
  const chunks = new Chunks(store)
  const models = new Models(context, leases)
  const turns = new Turns()
  const controls = new RunControls(store)
  const services = async (ref: RunRef) => ({ store, chunks, loaded: await plans.get(ref) })
  const activities: Activities = {
    planRun: ({ ref, specKey, acceptsChanges }) =>
      inActivity(async (signal) => {
        checkWorker(context, ref)
        const [plan] = await Promise.all([
          planRun(context, ref, specKey, acceptsChanges, signal),
          takeControl(store, ref.run, ref.execution),
        ])
        const summary = toSummary(plan)
        const isSmall = countShards(summary.rows, summary.shardSize) === 1
        const loaded = isSmall ? await plans.get(ref) : undefined
        return {
          plan: summary,
          onlyShard: loaded === undefined ? null : await planShard(store, loaded, ref.run, 0),
        }
      }),
    planShard: ({ ref, shard }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        return await planShard(store, await plans.get(ref), ref.run, shard)
      }),
    runBatch: (task) =>
      inActivity(async (signal) => {
        checkWorker(context, task.ref)
        const gate = controls.enter(task.ref.run, task.ref.execution)
        try {
          const deadline = Date.now() + attemptSeconds * 1_000
          const scope = { gate, signal, deadline, ready: async () => {} }
          return await runBatch(task, {
            loaded: await plans.get(task.ref),
            chunks,
            models,
            turns,
            scope,
          })
        } finally {
          gate.leave()
        }
      }),
    publishPart: ({ ref, leaf, part }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        return await publishPart(await services(ref), ref.run, leaf, part)
      }),
    publishDataset: ({ ref, figures, startedAt, parts }) =>
      inActivity(async () => {
        checkWorker(context, ref)
        return await publishDataset(await services(ref), ref, figures, startedAt, parts)
      }),
  }
  return {
    activities,
    warmUp: (specs) => models.warmUp(specs),
    callsInFlight: () => models.callsInFlight(),
    stopCalls: () =>
      models.stopCalls(
        new RetortError(
          'provider-unavailable',
          'This worker is shutting down and hands its batches back.',
        ),
      ),
    close: () => models.close(),
  }
}

/** A worker with another store or other code must not touch a run; one that has the right ones takes it later. */
function checkWorker(context: WorkerContext, ref: RunRef): void {
  if (ref.storeId !== context.storeId)
    throw new RetortError(
      'worker-mismatch',
      `Run '${ref.run}' belongs to store ${ref.storeId}, but this worker has store ${context.storeId} (${context.store.uri}).`,
    )
  if (ref.code !== null && ref.code !== context.code)
    throw new RetortError(
      'worker-mismatch',
      `Run '${ref.run}' was started with the code ${ref.code}, but this worker has ${context.code ?? 'none of its own'}; start a worker with that pipeline file.`,
    )
}

function toSummary(plan: Plan): PlanSummary {
  const groups: Record<string, number | null> = {}
  for (const { model } of plan.steps) {
    if (model === null) continue
    const known = groups[model.limitGroup]
    const told = [known, model.maxConcurrency].filter((limit) => typeof limit === 'number')
    groups[model.limitGroup] = told.length === 0 ? null : Math.min(...told)
  }
  return {
    rows: plan.source.rows,
    shardSize: plan.shardSize,
    source: plan.source.step,
    steps: plan.steps.map(({ name, type, batchSize, after, model, taskQueue }) => ({
      name,
      type,
      batchSize,
      after,
      limitGroup: model?.limitGroup ?? null,
      taskQueue,
    })),
    leaves: plan.leaves,
    partsPerLeaf: countParts(plan.source.rows, plan.shardSize),
    groups,
    notices: simulatedNotice(plan),
    plannedAt: plan.plannedAt,
  }
}

function simulatedNotice({ steps }: Plan): string[] {
  const simulated = steps.filter(({ model }) => model?.isSimulated === true)
  if (simulated.length === 0) return []
  const isUnasked = simulated.some(({ model }) => model?.isFromEnvironment === true)
  const advice = isUnasked
    ? ' Set MISTRAL_API_KEY or OPENAI_API_KEY, or name a model, for real ones.'
    : ''
  const names = quoted(simulated.map(({ name }) => name))
  return [`The answers of ${names} are simulated: no model is asked.${advice}`]
}
