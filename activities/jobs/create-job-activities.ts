import { Context } from '@temporalio/activity'

import type { BatchJobs } from '../../src/core/batch-jobs.ts'
import { RetortError } from '../../src/core/errors.ts'
import type { LLM } from '../../src/core/llm-spec.ts'
import { costNanoUsd, sharedPrice } from '../../src/core/price.ts'
import type { Activities, RunRef } from '../activities.ts'
import { inActivity } from '../activity-scope.ts'
import type { GatedProcess, GatedWork } from '../gated-work.ts'
import type { ModestHeap } from '../modest-heap.ts'
import { leaveJob } from './cancel-job.ts'
import { collectRequests } from './collect-requests.ts'
import { formJobs } from './form-jobs.ts'
import { Intents } from './intents.ts'
import type { Intent } from './intents.ts'
import { readJob } from './read-job.ts'
import { writePart } from './request-parts.ts'
import { submitJob } from './submit-job.ts'

/** What a run waits for at most before its budget has room for a job. */
const budgetWaitMilliseconds = 600_000

/** The activities of batch jobs. */
export function createJobActivities(
  process: GatedProcess & { readonly heap: ModestHeap },
  gated: GatedWork,
): Pick<Activities, 'collectRequests' | 'formJobs' | 'submitJob' | 'followJobs' | 'leaveJobs'> {
  const { store, plans, models, journals, budgets } = process
  const stepOf = async (ref: RunRef, step: number) => {
    process.check(ref)
    const loaded = await plans.get(ref)
    const { plan } = loaded
    const planned = plan.steps[step]
    const resolved = loaded.steps[step]
    if (planned?.model === undefined || planned.model === null || resolved?.model === undefined)
      throw new RetortError('internal', `Run '${ref.run}' asks no model at step ${step}.`)
    // Only models that answer have jobs, and only their steps are planned with them.
    const live = (await models.live(resolved.model.spec, planned.name)) as LLM
    return {
      loaded,
      plan,
      planned,
      model: planned.model,
      live,
      intents: new Intents(store, plan.spec.name),
    }
  }
  const withJobs = async (ref: RunRef, step: number) => {
    const found = await stepOf(ref, step)
    return { ...found, jobs: jobsOf(found.live, found.planned.name) }
  }
  return {
    collectRequests: ({ ref, reach, step, shard, generation }) =>
      gated({ ref, generation }, async (services) => {
        // The requests of many rows pass.
        process.heap.keep()
        const { plan, live } = await withJobs(ref, step)
        const { attempt } = Context.current().info
        const { journal } = await journals.of(plan.spec.name, ref, attempt)
        const lines = collectRequests({ ref, reach, step, shard }, { ...services, journal, live })
        const name = `${ref.execution}-${step}-${shard}-${reach.end ?? 'all'}-${attempt}`
        return await writePart(store, plan.spec.name, name, lines)
      }),
    formJobs: ({ ref, step, parts }) =>
      inActivity(async () => {
        const { planned, model, intents, jobs } = await withJobs(ref, step)
        return await formJobs(parts, {
          store,
          intents,
          run: ref.run,
          step: planned.name,
          model: model.model,
          price: model.price === null ? null : sharedPrice(model.price, jobs.priceShare),
          limits: model.mode === 'batch' ? jobs : undefined,
        })
      }),
    submitJob: ({ ref, step, id, generation }) =>
      gated({ ref, generation }, async ({ scope: { gate } }) => {
        const { plan, intents, jobs } = await withJobs(ref, step)
        const budget = budgets.of(ref.run, plan.spec.name)
        await submitJob(id, {
          intents,
          jobs,
          signal: gate.signal,
          now: Date.now,
          async reserve(intent) {
            await gate.pass()
            // What a job takes is set aside until it has ended, also where this process has gone by then.
            const { block } = await budget.reserve(worstOf(intent), {
              budget: () => gate.settings().budget,
              signal: gate.signal,
              deadline: Date.now() + budgetWaitMilliseconds,
            })
            return block
          },
        })
      }),
    followJobs: ({ ref, step, ids }) =>
      inActivity(async (signal) => {
        const { plan, intents, jobs } = await withJobs(ref, step)
        const { journal } = await journals.of(plan.spec.name, ref, Context.current().info.attempt)
        const reading = { intents, jobs, journal, signal }
        const progress = {
          requests: 0,
          finished: 0,
          going: [] as string[],
          foreign: [] as string[],
        }
        for (const id of ids) {
          const intent = await intents.get(id)
          const { state } = await intents.state(id)
          progress.requests += intent?.requests ?? 0
          if (state.job === null) {
            // Another run gave it up, or found it to be somebody else's.
            if ((await intents.end(id)) === undefined) progress.foreign.push(id)
            continue
          }
          const status = await jobs.status(state.job, signal)
          if (status.state === 'going') {
            progress.finished += status.finished
            progress.going.push(id)
            continue
          }
          const { answered, isForeign } = await readJob(id, status.problem ?? null, reading)
          progress.finished += answered
          if (isForeign) progress.foreign.push(id)
          else await intents.leave(id, ref.run)
        }
        return progress
      }),
    leaveJobs: ({ ref, step, ids }) =>
      inActivity(async (signal) => {
        const { intents, jobs } = await withJobs(ref, step)
        for (const id of ids) await leaveJob(id, ref.run, { intents, jobs, signal })
      }),
  }
}

function jobsOf({ jobs, type, model }: LLM, stepName: string): BatchJobs {
  if (jobs !== undefined) return jobs
  throw new RetortError(
    'parameter-invalid',
    `Step '${stepName}' is to ask in batch jobs, but ${type} '${model}' has none here.`,
  )
}

function worstOf({ worst, price }: Intent) {
  return {
    nanoUsd: price === null ? 0 : costNanoUsd(worst, price),
    tokens: worst.inputTokens + worst.outputTokens,
  }
}
