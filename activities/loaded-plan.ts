import { LRUCache } from 'lru-cache'

import { createShardKeys } from '../src/core/chunk-keys.ts'
import type { ShardKeys } from '../src/core/chunk-keys.ts'
import { isRetortError, RetortError } from '../src/core/errors.ts'
import { planKey } from '../src/core/plan.ts'
import type { Plan } from '../src/core/plan.ts'
import { shardRange } from '../src/core/range.ts'
import { resolvePipeline } from '../src/core/resolve-pipeline.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import { readRetryNumbers } from '../src/storage/retries.ts'
import { openStagedSource } from '../src/storage/sources/staged-source.ts'
import type { StagedSource } from '../src/storage/sources/staged-source.ts'
import type { RunRef } from './activities.ts'
import type { WorkerContext } from './worker-context.ts'

/** A run's plan with the code of its steps and the rows that it begins with. */
export interface LoadedPlan {
  readonly plan: Plan
  /** In the order of the plan's steps. */
  readonly steps: readonly ResolvedStep[]
  readonly source: StagedSource
  keys(shard: number): Promise<ShardKeys>
  /** How often a row of a step was to be asked for anew; part of what its requests are found by. */
  retryOf(step: number, identity: string, sampleIndex: number): number
}

const plansAtHand = 16
const shardsAtHand = 8

/** Loads plans, and keeps those at hand that this process is at work on. */
export class LoadedPlans {
  readonly #context: WorkerContext
  readonly #plans = new LRUCache<string, Promise<LoadedPlan>>({ max: plansAtHand })

  constructor(context: WorkerContext) {
    this.#context = context
  }

  /** The plan of a run as the given execution follows it. */
  async get({ run, execution }: RunRef): Promise<LoadedPlan> {
    const id = `${run}/${execution}`
    const known = this.#plans.get(id)
    if (known !== undefined) return await known
    const loading = this.#load(run)
    this.#plans.set(id, loading)
    loading.catch(() => this.#plans.delete(id))
    return await loading
  }

  async #load(run: string): Promise<LoadedPlan> {
    const stored = await readPlan(this.#context, run)
    if (stored === undefined)
      throw new RetortError(
        'store-corrupt',
        `The plan of run '${run}' is not in the store; start the run again.`,
      )
    return await loadPlan(this.#context, stored.plan)
  }
}

/** Makes a plan ready to be worked off. */
export async function loadPlan(context: WorkerContext, plan: Plan): Promise<LoadedPlan> {
  const { registry, environment, store } = context
  const generator = plan.steps[plan.source.step]
  const steps = resolveHere(plan, () =>
    resolvePipeline(plan.spec, {
      registry,
      environment,
      ...(generator === undefined
        ? {}
        : { sourceColumns: { [generator.name]: generator.columns } }),
    }),
  )
  checkCode(plan, steps)
  const [source, retries] = await Promise.all([
    openStagedSource(store, plan.source.key),
    readRetryNumbers(store, plan, (step) => steps[step]?.params['numGenerations']),
  ])
  const shards = new LRUCache<number, Promise<ShardKeys>>({ max: shardsAtHand })
  return {
    plan,
    steps,
    source,
    retryOf: (step, identity, sampleIndex) => retries[step]?.of(identity, sampleIndex) ?? 0,
    async keys(shard) {
      const known = shards.get(shard)
      if (known !== undefined) return await known
      const { from, to } = shardRange(shard, plan.source.rows, plan.shardSize)
      const loading = source
        .identities(from, to)
        .then((identities) => createShardKeys(plan, shard, identities, retries))
      shards.set(shard, loading)
      loading.catch(() => shards.delete(shard))
      return await loading
    },
  }
}

/** The plan that is stored for a run, and its version in the store. */
export async function readPlan(
  { store }: WorkerContext,
  run: string,
): Promise<{ plan: Plan; version: string } | undefined> {
  const stored = await store.getVersioned(planKey(run))
  if (stored === undefined) return undefined
  const plan = JSON.parse(new TextDecoder().decode(stored.bytes)) as Plan
  return { plan, version: stored.version }
}

/** What was right where the run was planned is no fault of the run: this worker lacks a key, or has an older release. */
function resolveHere(plan: Plan, resolve: () => ResolvedStep[]): ResolvedStep[] {
  try {
    return resolve()
  } catch (error) {
    if (!isRetortError(error) || error.verdict !== 'invalid') throw error
    throw new RetortError(
      'worker-mismatch',
      `This worker cannot work on run '${plan.run}', which another one planned: ${error.message}`,
      { cause: error },
    )
  }
}

/** Another worker may have planned with other code; its chunks must not mix with this worker's. */
function checkCode(plan: Plan, steps: readonly ResolvedStep[]): void {
  for (const [index, step] of steps.entries())
    if (plan.steps[index]?.signature !== step.signature)
      throw new RetortError(
        'worker-mismatch',
        `This worker has other code for step '${step.spec.name}' than the one that planned run '${plan.run}'; start a worker with the same pipeline file and release.`,
      )
}
