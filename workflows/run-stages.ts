import type { JobsProgress, ShardSummary } from '../activities/activities.ts'
import { countShards } from '../src/core/range.ts'
import { extentsOf } from '../src/core/reach.ts'
import type { Reach, RowSetRef } from '../src/core/reach.ts'
import { addFigures, noFigures } from '../src/core/run-report.ts'
import type { OnStop } from '../src/core/run-settings.ts'
import { barriersAbove, isBarrier } from '../src/core/stages.ts'
import type { Coordinator } from './coordinator.ts'
import { toCount } from './lane-control.ts'
import { addProgress, noProgress } from './progress-sum.ts'
import { runGlobalStep } from './run-global.ts'
import { runJobs } from './run-jobs.ts'
import type { LaneProgress, RunProgress, StageWork } from './run-input.ts'
import { runShard } from './run-shard.ts'
import type { ShardControl } from './shard-control.ts'
import { StageLanes, ignoreEnd } from './stage-lanes.ts'

/** What working off all stages came to. */
export interface WaveOutcome {
  readonly progress: LaneProgress
  /** With what every global step left. */
  readonly reach: Reach
}

/** Works off the stages of a run and the global steps between them, each as soon as what it reads is there. */
export class RunStages {
  readonly #work: StageWork
  readonly #control: Coordinator
  readonly #lanes: StageLanes
  readonly #report: (next: Partial<RunProgress>) => void

  constructor(
    work: StageWork,
    control: Coordinator,
    onStop: OnStop,
    report: (next: Partial<RunProgress>) => void,
  ) {
    this.#work = work
    this.#control = control
    this.#report = report
    this.#lanes = new StageLanes(work, control, onStop, (lanes) => report({ lanes }))
  }

  /**
   * Works off everything up to some source row.
   *
   * @param known - what of the first stage is stored, where that has one shard and was listed a moment ago
   */
  async run(end: number | null, known: ShardSummary | null): Promise<WaveOutcome> {
    const wave = new Wave(this.#work, this.#control, this.#lanes, this.#report, end, known)
    return await wave.run()
  }
}

/** One pass over all stages. */
class Wave {
  readonly #work: StageWork
  readonly #control: Coordinator
  readonly #lanes: StageLanes
  readonly #report: (next: Partial<RunProgress>) => void
  readonly #end: number | null
  readonly #known: ShardSummary | null
  readonly #stages = new Map<number, Promise<void>>()
  readonly #globals = new Map<number, Promise<void>>()
  readonly #sets: Record<number, RowSetRef> = {}
  readonly #jobs = new Map<number, JobsProgress>()
  /** What this workflow did itself or took over from lanes that have ended. */
  readonly #own = new Map<string, LaneProgress>()

  constructor(
    work: StageWork,
    control: Coordinator,
    lanes: StageLanes,
    report: (next: Partial<RunProgress>) => void,
    end: number | null,
    known: ShardSummary | null,
  ) {
    this.#work = work
    this.#control = control
    this.#lanes = lanes
    this.#report = report
    this.#end = end
    this.#known = known
  }

  async run(): Promise<WaveOutcome> {
    const { plan } = this.#work
    this.#tell()
    await Promise.all([
      ...plan.stages.map((_, stage) => this.#stage(stage)),
      ...plan.steps.map(async (planned, step) => {
        if (isBarrier(planned)) await this.#global(step)
      }),
    ])
    return { progress: this.#sum(), reach: this.#reach }
  }

  get #reach(): Reach {
    return { end: this.#end, sets: { ...this.#sets } }
  }

  /** Works off a stage, once. */
  #stage(stage: number): Promise<void> {
    const going = this.#stages.get(stage) ?? this.#runStage(stage)
    this.#stages.set(stage, going)
    return going
  }

  /** Runs a global step, once. */
  #global(step: number): Promise<void> {
    const going = this.#globals.get(step) ?? this.#runGlobal(step)
    this.#globals.set(step, going)
    return going
  }

  async #runStage(index: number): Promise<void> {
    const { plan } = this.#work
    const stage = plan.stages[index]
    if (stage === undefined) return
    const { barrier } = stage
    await Promise.all([
      ...stage.stages.map((before) => this.#stage(before)),
      ...(barrier === null ? [] : [this.#global(barrier)]),
    ])
    const reach = this.#reachBehind(barrier === null ? [] : [barrier])
    const extents = extentsOf(plan, reach)
    const positions = Math.max(0, ...stage.steps.map((step) => extents[step] ?? 0))
    const id = `stage ${index}`
    await Promise.all((stage.jobs ?? []).map((step) => this.#runJobs(reach, step)))
    const isSmall = countShards(positions, plan.shardSize) === 1
    if (positions === 0 || (isSmall && (await this.#runOnlyShard(reach, index, id)))) return
    this.#own.delete(id)
    const progress = await this.#lanes.run(reach, index, positions)
    this.#take(id, progress)
    this.#lanes.report()
  }

  async #runJobs(reach: Reach, step: number): Promise<void> {
    const { plan } = this.#work
    const shards = countShards(extentsOf(plan, reach)[step] ?? 0, plan.shardSize)
    await runJobs({ ...this.#work, reach, step, shards }, this.#control, (jobs) => {
      this.#jobs.set(step, jobs)
      this.#tell()
    })
    this.#jobs.delete(step)
    this.#tell()
  }

  /** Works off a stage of one shard without a lane; false where that is too long for one history. */
  async #runOnlyShard(reach: Reach, stage: number, id: string): Promise<boolean> {
    const coordinator = this.#control
    const control: ShardControl = {
      get orders() {
        return coordinator.orders
      },
      mayBegin: true,
      stopped: (error, generation) => coordinator.stopped(error, generation),
      report: (own) => {
        this.#take(id, own)
        coordinator.checkRejected(toCount(own), false).catch(ignoreEnd)
      },
    }
    const work = { ...this.#work, reach, stage, lanes: 1 }
    const known = stage === 0 ? this.#known : null
    return await runShard(work, control, 0, known, noProgress(this.#work.plan))
  }

  async #runGlobal(step: number): Promise<void> {
    const { plan } = this.#work
    const { after = [] } = plan.steps[step] ?? {}
    await Promise.all(after.map((before) => this.#madeBy(before)))
    const reach = this.#reachBehind(barriersAbove(plan.steps, step))
    const extents = extentsOf(plan, reach)
    const positions = after.reduce((sum, before) => sum + (extents[before] ?? 0), 0)
    const nothing = noProgress(plan)
    const at = (share: number, rows: number, rejected: number): LaneProgress => ({
      ...nothing,
      figures: addFigures(noFigures, { ...noFigures, rejected }),
      positions: nothing.positions.with(step, Math.floor(share * positions)),
      rows: nothing.rows.with(step, rows),
    })
    const { set, outcome } = await runGlobalStep(this.#work, this.#control, reach, step, (share) =>
      this.#take(`step ${step}`, at(share, 0, 0)),
    )
    this.#sets[step] = set
    this.#take(`step ${step}`, at(1, outcome.rows, outcome.rejected))
  }

  /** Returns when all rows of a step are there. */
  async #madeBy(step: number): Promise<void> {
    const { steps, stages } = this.#work.plan
    const planned = steps[step]
    if (planned === undefined) return
    if (isBarrier(planned)) await this.#global(step)
    else if (!planned.isGathered)
      await this.#stage(stages.findIndex((stage) => stage.steps.includes(step)))
  }

  /** As far as work behind some global steps has to know it, so that it is the same whatever else is done. */
  #reachBehind(barriers: readonly number[]): Reach {
    const sets = Object.fromEntries(
      barriers.flatMap((barrier) => {
        const set = this.#sets[barrier]
        return set === undefined ? [] : [[barrier, set]]
      }),
    )
    return { end: this.#end, sets }
  }

  #take(id: string, progress: LaneProgress): void {
    this.#own.set(id, progress)
    this.#tell()
  }

  #tell(): void {
    const jobs = [...this.#jobs].map(([step, { requests, finished }]) => ({
      step,
      requests,
      finished,
    }))
    this.#report({ own: this.#sum(), reach: this.#reach, jobs })
  }

  #sum(): LaneProgress {
    return [...this.#own.values()].reduce(addProgress, noProgress(this.#work.plan))
  }
}
