import { ImageFiles } from '../../activities/image-files.ts'
import type { PlanSummary, RunRef } from '../../activities/activities.ts'
import type { Answers } from '../../activities/answers.ts'
import { Chunks } from '../../activities/chunks.ts'
import { planGlobal, runGlobal } from '../../activities/global/run-global.ts'
import { loadPlan } from '../../activities/loaded-plan.ts'
import type { LoadedPlan } from '../../activities/loaded-plan.ts'
import { Models } from '../../activities/models.ts'
import { settlePlan } from '../../activities/plan-run.ts'
import { planShard } from '../../activities/plan-shard.ts'
import { toSummary } from '../../activities/plan-summary.ts'
import { publishDataset, publishPart } from '../../activities/publish-dataset.ts'
import { runBatch } from '../../activities/run-batch.ts'
import { Turns } from '../../activities/turns.ts'
import { createContext } from '../../activities/worker.ts'
import type { WorkerContext } from '../../activities/worker-context.ts'
import type { Plan } from '../../src/core/plan.ts'
import { countParts, countShards } from '../../src/core/range.ts'
import { extentsOf } from '../../src/core/reach.ts'
import type { Reach, RowSetRef } from '../../src/core/reach.ts'
import { createRandom, randomInteger } from '../../src/core/random.ts'
import type { Random } from '../../src/core/random.ts'
import { noFigures } from '../../src/core/run-report.ts'
import { createSchedule } from '../../src/core/schedule.ts'
import type { PipelineSpec } from '../../src/core/spec.ts'
import { barriersAbove, isBarrier } from '../../src/core/stages.ts'
import { acceptedRows, firstReach, nextEnd } from '../../src/core/wave.ts'
import type { DatasetPart } from '../../src/storage/parquet/write-parquet-part.ts'
import type { JournalEntry } from '../../src/storage/journal/journal.ts'
import type { Store } from '../../src/storage/store.ts'
import { Crash, createCrashingStore } from './crashing-store.ts'
import { graphRegistry } from './graph-steps.ts'
import { RandomJobs } from './random-jobs.ts'

/** What no result depends on. */
export interface Circumstances {
  /** Decides the order of everything that may be done in any order. */
  readonly luck: number
  readonly shardSize: number
  /** Rows of a batch: those of the first step, the second and so on, and then again. */
  readonly batchSizes: readonly number[]
  readonly workers: number
  /** Jobs that are done side by side at most. */
  readonly atOnce: number
  /** After how many writes each process of the run dies, before one lives to the end. */
  readonly crashes: readonly number[]
  /** Whether its dataset is left to others, which takes a while. */
  readonly isUnpublished?: true
}

/** A run that has come to its end, as another process finds it. */
export interface DrivenRun {
  readonly loaded: LoadedPlan
  readonly chunks: Chunks
  readonly reach: Reach
  readonly rejected: number
  /** Whether it made as many rows as it is to make; otherwise it leaves no dataset. */
  readonly isEnough: boolean
}

const ref: RunRef = { storeId: 'store', run: 'run', execution: 'execution', code: null }

/**
 * Runs a pipeline to its dataset by the parts that activities are made of, in a random order: as workflows do, but in this
 * process.
 */
export async function driveRun(
  store: Store,
  spec: PipelineSpec,
  circumstances: Circumstances,
): Promise<DrivenRun> {
  const random = createRandom('luck', circumstances.luck)
  const answers = new Map<string, Promise<JournalEntry>>()
  for (const writes of [...circumstances.crashes, Number.POSITIVE_INFINITY]) {
    const seen = createCrashingStore(store, writes, random() < 0.5)
    try {
      const run = new Run(seen, sized(spec, circumstances), circumstances, random, answers)
      const { plan, ...end } = await run.toItsEnd()
      const loaded = await loadPlan(contextOf(store), plan)
      return { ...end, loaded, chunks: new Chunks(store) }
    } catch (error) {
      if (!isCrash(error)) throw error
      if (random() < 0.3) answers.clear()
    }
  }
  throw new Error('Unreachable: the last process does not die.')
}

function contextOf(store: Store): WorkerContext {
  return createContext({
    store,
    storeId: ref.storeId,
    registry: graphRegistry,
    code: null,
    environment: {},
  })
}

/** What code does with an error may wrap it. */
function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error instanceof Error && isCrash(error.cause))
}

function sized(spec: PipelineSpec, { batchSizes }: Circumstances): PipelineSpec {
  const steps = spec.steps.map((step, index) => {
    const { kind } = graphRegistry.steps.get(step.type)!.definition
    const inputBatchSize = batchSizes[index % batchSizes.length]!
    return kind === 'generator' || kind === 'global'
      ? step
      : { ...step, params: { ...step.params, inputBatchSize } }
  })
  return { ...spec, steps }
}

/** One worker process: what it has at hand is its own. */
interface Worker {
  readonly loaded: LoadedPlan
  readonly chunks: Chunks
  readonly models: Models
  readonly turns: Turns
}

class Run {
  readonly #store: Store
  readonly #spec: PipelineSpec
  readonly #circumstances: Circumstances
  readonly #random: Random
  readonly #answers: Answers

  constructor(
    store: Store,
    spec: PipelineSpec,
    circumstances: Circumstances,
    random: Random,
    journal: Map<string, Promise<JournalEntry>>,
  ) {
    this.#store = store
    this.#spec = spec
    this.#circumstances = circumstances
    this.#random = random
    this.#answers = {
      get: (requests, ask) =>
        requests.map(({ hash }, index) => {
          const entry = journal.get(hash) ?? ask([index])[0]!
          journal.set(hash, entry)
          entry.catch(() => journal.delete(hash))
          return entry
        }),
    }
  }

  async toItsEnd(): Promise<Omit<DrivenRun, 'loaded' | 'chunks'> & { readonly plan: Plan }> {
    const { shardSize, workers: count, atOnce } = this.#circumstances
    const store = this.#store
    const context = contextOf(store)
    const request = { version: 1, spec: this.#spec, maxRows: null, workingFolder: '.' } as const
    const { signal } = new AbortController()
    const settled = await settlePlan(context, ref.run, request, false, signal)
    const plan = { ...settled, shardSize }
    const workers: Worker[] = []
    for (let index = 0; index < count; index++)
      workers.push({
        loaded: await loadPlan(context, plan),
        chunks: new Chunks(store),
        models: new Models(context),
        turns: new Turns(),
      })
    const jobs = new RandomJobs(workers, this.#random, atOnce)
    const noStats = { damaged: [], entries: 0, segments: 0, files: 0 } as never
    const summary = toSummary(plan, noStats)
    let { end } = firstReach(summary)
    for (;;) {
      const wave = new Wave(jobs, store, summary, this.#answers, end, this.#random)
      await jobs.until(wave.run())
      const { reach, rejected, rows } = wave
      const accepted = acceptedRows(summary, reach, rows)
      const isEnough = summary.target === null || accepted >= summary.target.accepted
      if (isEnough && this.#circumstances.isUnpublished !== true)
        await publish(store, workers, summary, wave, this.#random)
      if (isEnough || summary.target === null || end === null || end >= summary.rows)
        return { plan, reach, rejected, isEnough }
      end = nextEnd(summary, summary.target, end, accepted)
    }
  }
}

/** One pass over all stages. */
class Wave {
  readonly rows: number[]
  rejected = 0
  readonly #jobs: RandomJobs<Worker>
  readonly #store: Store
  readonly #plan: PlanSummary
  readonly #answers: Answers
  readonly #end: number | null
  readonly #random: Random
  readonly #sets: Record<number, RowSetRef> = {}
  readonly #going = new Map<string, Promise<void>>()

  constructor(
    jobs: RandomJobs<Worker>,
    store: Store,
    plan: PlanSummary,
    answers: Answers,
    end: number | null,
    random: Random,
  ) {
    this.#jobs = jobs
    this.#store = store
    this.#plan = plan
    this.#answers = answers
    this.#end = end
    this.#random = random
    this.rows = plan.steps.map(() => 0)
  }

  get reach(): Reach {
    return { end: this.#end, sets: { ...this.#sets } }
  }

  async run(): Promise<void> {
    const { stages, steps } = this.#plan
    await Promise.all([
      ...stages.map((_, stage) => this.#stage(stage)),
      ...steps.map(async (planned, step) => {
        if (isBarrier(planned)) await this.#global(step)
      }),
    ])
  }

  #once(id: string, work: () => Promise<void>): Promise<void> {
    const going = this.#going.get(id) ?? work()
    this.#going.set(id, going)
    return going
  }

  #stage(index: number): Promise<void> {
    return this.#once(`stage ${index}`, async () => {
      const { barrier, steps, stages } = this.#plan.stages[index]!
      await Promise.all([
        ...stages.map((before) => this.#stage(before)),
        ...(barrier === null ? [] : [this.#global(barrier)]),
      ])
      const reach = this.#behind(barrier === null ? [] : [barrier])
      const extents = extentsOf(this.#plan, reach)
      const shards = countShards(
        Math.max(0, ...steps.map((step) => extents[step]!)),
        this.#plan.shardSize,
      )
      await Promise.all(
        Array.from({ length: shards }, (_, shard) => this.#shard(reach, index, shard)),
      )
    })
  }

  async #shard(reach: Reach, stage: number, shard: number): Promise<void> {
    const { steps, shardSize, stages } = this.#plan
    const summary = await this.#jobs.do(({ loaded }) =>
      planShard(this.#store, loaded.at(reach), stage, shard),
    )
    this.rejected += summary.figures.rejected
    const stored = summary.stored.map((flat, step) => {
      const batches = new Map<number, number>()
      for (let at = 0; at < flat.length; at += 2) {
        batches.set(flat[at]!, flat[at + 1]!)
        this.rows[step]! += flat[at + 1]!
      }
      return batches
    })
    const schedule = createSchedule(
      steps,
      {
        shard: { from: shard * shardSize, to: (shard + 1) * shardSize },
        extents: extentsOf(this.#plan, reach),
        running: stages[stage]!.steps,
      },
      { maxBatches: 1 + randomInteger(this.#random, 20), groups: {} },
      stored,
    )
    const going = new Set<Promise<void>>()
    while (!schedule.isComplete) {
      for (let next = schedule.next(); next !== undefined; next = schedule.next()) {
        const batch = next
        const work = async () => {
          const rows = await this.#batch({ ref, reach, shard, ...batch })
          schedule.done(batch, rows)
          this.rows[batch.step]! += rows
          going.delete(doing)
        }
        const doing = work()
        going.add(doing)
      }
      await Promise.race(going)
    }
  }

  async #batch(task: Parameters<typeof runBatch>[0]): Promise<number> {
    const outcome = await this.#jobs.do((worker, attempt) =>
      runBatch(task, {
        ...worker,
        answers: this.#answers,
        images: new ImageFiles(this.#store, '.'),
        isFirstAttempt: attempt === 1,
        scope: {
          signal: new AbortController().signal,
          deadline: Number.POSITIVE_INFINITY,
          ready: async () => {},
          // Of a run's gate and its budget a model that is free needs no more.
          gate: { pass: async () => {}, settings: () => ({}), onSettings() {}, stop() {} } as never,
          budget: {
            reserve: async () => ({ block: '', settle() {}, release() {} }),
          } as never,
        },
      }),
    )
    this.rejected += outcome.rejected
    return outcome.rows
  }

  #global(step: number): Promise<void> {
    return this.#once(`step ${step}`, async () => {
      const { steps } = this.#plan
      const { after } = steps[step]!
      await Promise.all(after.map((before) => this.#madeBy(before)))
      const reach = this.#behind(barriersAbove(steps, step))
      const { signal } = new AbortController()
      const services = ({ loaded, chunks }: Worker) => ({
        store: this.#store,
        chunks,
        loaded,
        rows: loaded.at(reach),
        hub: { push: () => Promise.reject(new Error('Nothing is pushed.')) },
        signal,
      })
      const planned = await this.#jobs.do((worker) => planGlobal(services(worker), step))
      let { left } = planned
      for (const { phase, tasks } of planned.phases)
        await Promise.all(
          Array.from({ length: tasks }, async (_, task) => {
            left = await this.#jobs.do((worker) =>
              runGlobal(services(worker), { step, key: planned.key, phase, task }),
            )
          }),
        )
      this.#sets[step] = { key: planned.key, rows: left!.rows }
      this.rows[step] = left!.rows
      this.rejected += left!.rejected
    })
  }

  async #madeBy(step: number): Promise<void> {
    const { steps, stages } = this.#plan
    const planned = steps[step]!
    if (isBarrier(planned)) await this.#global(step)
    else if (!planned.isGathered)
      await this.#stage(stages.findIndex((stage) => stage.steps.includes(step)))
  }

  #behind(barriers: readonly number[]): Reach {
    const sets = Object.fromEntries(barriers.map((barrier) => [barrier, this.#sets[barrier]!]))
    return { end: this.#end, sets }
  }
}

/** Publishes what a run made, some parts of it ahead. */
async function publish(
  store: Store,
  workers: readonly Worker[],
  plan: PlanSummary,
  { reach, rejected }: Wave,
  random: Random,
): Promise<void> {
  const services = () => {
    const { loaded, chunks } = workers[randomInteger(random, workers.length)]!
    return { store, loaded, chunks, reach }
  }
  const extents = extentsOf(plan, reach)
  const parts: DatasetPart[][] = plan.leaves.map(() => [])
  if (plan.target === null && random() < 0.5)
    for (const [leaf, step] of plan.leaves.entries())
      for (let part = 0; part < countParts(extents[step]!, plan.shardSize); part++)
        parts[leaf]!.push(await publishPart(services(), leaf, part))
  await publishDataset(services(), ref, { ...noFigures, rejected }, 0, parts)
}
