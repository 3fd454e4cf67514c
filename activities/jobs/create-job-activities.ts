import { Context } from '@temporalio/activity'

import type { BatchJobs } from '../../src/core/batch-jobs.ts'
import { RetortError } from '../../src/core/errors.ts'
import type { LLM } from '../../src/core/llm-spec.ts'
import { sharedPrice } from '../../src/core/price.ts'
import type { Activities, RunRef } from '../activities.ts'
import { inActivity } from '../activity-scope.ts'
import type { GatedWork, ProcessMeans } from '../gated-work.ts'
import { toAmount } from '../model-call.ts'
import type { ModestHeap } from '../modest-heap.ts'
import { leaveJob } from './leave-job.ts'
import { collectRequests } from './collect-requests.ts'
import { formJobs } from './form-jobs.ts'
import { Intents } from './intents.ts'
import { readJob } from './read-job.ts'
import { writePart } from './request-parts.ts'
import { submitJob } from './submit-job.ts'

/** What a run waits for at most before its budget has room for a job. */
const budgetWaitMilliseconds = 600_000

/** The activities of batch jobs. */
export function createJobActivities(
  means: ProcessMeans & { readonly heap: ModestHeap },
  gated: GatedWork,
): Pick<Activities, 'collectRequests' | 'formJobs' | 'submitJob' | 'followJobs' | 'leaveJobs'> {
  const { store, plans, models, journals, budgets } = means
  const withJobs = async (ref: RunRef, step: number) => {
    means.check(ref)
    const { plan, steps } = await plans.get(ref)
    const planned = plan.steps[step]
    const resolved = steps[step]
    if (planned?.model === undefined || planned.model === null || resolved?.model === undefined)
      throw new RetortError('internal', `Run '${ref.run}' asks no model at step ${step}.`)
    // Only models that answer have jobs, and only their steps are planned with them.
    const live = (await models.live(resolved.model.spec, planned.name)) as LLM
    const intents = new Intents(store, plan.spec.name)
    return { plan, planned, model: planned.model, live, intents, jobs: jobsOf(live, planned.name) }
  }
  return {
    collectRequests: ({ ref, reach, step, shard, generation }) =>
      gated({ ref, generation }, async (services) => {
        // The requests of many rows pass.
        means.heap.keep()
        const { plan, live } = await withJobs(ref, step)
        const { attempt } = Context.current().info
        const collecting = { ...services, store, live }
        const lines = collectRequests({ ref, reach, step, shard }, collecting)
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
          async reserve({ worst, price }) {
            await gate.pass()
            // What a job takes is set aside until it has ended, also where this process has gone by then.
            const { block } = await budget.reserve(toAmount({ usage: worst }, price), {
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
