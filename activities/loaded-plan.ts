import { LRUCache } from 'lru-cache'

import { isRetortError, RetortError } from '../src/core/errors.ts'
import { parsePlan } from '../src/core/parse-plan.ts'
import { planKey, plannedSourceColumns } from '../src/core/plan.ts'
import type { Plan } from '../src/core/plan.ts'
import type { Reach } from '../src/core/reach.ts'
import { resolvePipeline } from '../src/core/resolve-pipeline.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import { createOpenedRows, PlanRows } from '../src/storage/plan-rows.ts'
import { readRetryNumbers } from '../src/storage/retries.ts'
import type { RunRef } from './activities.ts'
import type { WorkerContext } from './worker-context.ts'

/** A run's plan with the code of its steps and the rows that they work on. */
export interface LoadedPlan {
  readonly plan: Plan
  /** In the order of the plan's steps. */
  readonly steps: readonly ResolvedStep[]
  /** The rows that are there when the run has come so far. */
  at(reach: Reach): PlanRows
  /** How often a row of a step was to be asked for anew; part of what its requests are found by. */
  retryOf(step: number, identity: string, sampleIndex: number): number
}

const plansAtHand = 16
/** As a run goes on, what it reached before is needed no more. */
const reachesAtHand = 4

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
  const steps = resolveHere(plan, () =>
    resolvePipeline(plan.spec, {
      registry,
      environment,
      sourceColumns: plannedSourceColumns(plan),
    }),
  )
  checkCode(plan, steps)
  const samplesOf = (step: number) => steps[step]?.params['numGenerations']
  const retries = await readRetryNumbers(store, plan, samplesOf)
  const opened = createOpenedRows()
  const reaches = new LRUCache<string, PlanRows>({ max: reachesAtHand })
  return {
    plan,
    steps,
    retryOf: (step, identity, sampleIndex) => retries[step]?.of(identity, sampleIndex) ?? 0,
    at(reach) {
      const id = JSON.stringify(reach)
      const known = reaches.get(id)
      if (known !== undefined) return known
      const rows = new PlanRows(store, plan, reach, retries, opened)
      reaches.set(id, rows)
      return rows
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
  return { plan: parsePlan(stored.bytes), version: stored.version }
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
