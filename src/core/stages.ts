/** What of a step decides when its rows can be made. */
export interface StagedStep {
  readonly kind: 'generator' | 'map' | 'global' | 'join'
  /** Indexes of the steps that it reads, each smaller than its own. */
  readonly after: readonly number[]
  /** Whether it asks a model. */
  readonly asksModel: boolean
  /** Whether batch jobs are to answer what it asks, so that all that it asks has to be known before. */
  readonly hasJobs?: boolean
}

/** Where a step stands between generators and global steps. */
export interface StepPlace {
  /** The barrier behind which it stands, a step that needs all rows, by index; its own of one; `null` behind none. */
  readonly barrier: number | null
  /** Whether its rows are all there before any batch behind it begins: those of generators and of barriers. */
  readonly isGathered: boolean
  /** The generators that its rows go back to without a barrier between, by index; its own of one. */
  readonly roots: readonly number[]
}

/** Steps that are worked on together, shard by shard, between two barriers. */
export interface PlannedStage {
  /** The barrier behind which they stand; `null` behind none. */
  readonly barrier: number | null
  /** Indexes of the steps that are run batch by batch. */
  readonly steps: readonly number[]
  /** Indexes of the stages that have to be done before. */
  readonly stages: readonly number[]
  /** Indexes of its steps whose jobs have to be done before; left out where it has none. */
  readonly jobs?: readonly number[]
}

/** A pipeline in stages. */
export interface Staging {
  readonly places: readonly StepPlace[]
  readonly stages: readonly PlannedStage[]
}

/** Whether a step needs all rows before it can make the first. */
export function isBarrier({
  isGathered,
  after,
}: Pick<StepPlace, 'isGathered'> & Pick<StagedStep, 'after'>): boolean {
  return isGathered && after.length > 0
}

/**
 * Divides a pipeline into stages: steps that stand behind the same barrier and that the same barriers wait for.
 *
 * So a barrier waits for exactly what it reads, and what nothing waits for goes on beside it. A step whose answers come
 * from jobs begins a stage, too: all rows that it asks about are there by then.
 */
export function planStages(steps: readonly StagedStep[]): Staging {
  const places = placesOf(steps)
  const waiting = waitingFor(steps, places)
  const jobs = jobsAbove(steps, places)
  const stages: { barrier: number | null; waiting: string; steps: number[] }[] = []
  const stageOf = new Map<number, number>()
  for (const index of steps.keys()) {
    const { isGathered = false, barrier = null } = places[index] ?? {}
    if (isGathered) continue
    const key = `${sorted(waiting[index] ?? [])}/${sorted(jobs[index] ?? [])}`
    let stage = stages.findIndex((one) => one.barrier === barrier && one.waiting === key)
    if (stage === -1) stage = stages.push({ barrier, waiting: key, steps: [] }) - 1
    stages[stage]?.steps.push(index)
    stageOf.set(index, stage)
  }
  return {
    places,
    stages: stages.map(({ barrier, steps: own }, index) => ({
      barrier,
      steps: own,
      ...withJobs(own.filter((step) => steps[step]?.hasJobs === true)),
      stages: [
        ...new Set(
          own
            .flatMap((step) => steps[step]?.after ?? [])
            .flatMap((before) => stageOf.get(before) ?? [])
            .filter((stage) => stage !== index),
        ),
      ],
    })),
  }
}

function sorted(indexes: Iterable<number>): string {
  return [...indexes].toSorted((a, b) => a - b).join(' ')
}

function withJobs(jobs: readonly number[]): { readonly jobs?: readonly number[] } {
  return jobs.length === 0 ? {} : { jobs }
}

/** For each step those with jobs that its rows went through since the last barrier, itself among them. */
function jobsAbove(
  steps: readonly StagedStep[],
  places: readonly StepPlace[],
): ReadonlySet<number>[] {
  const above: Set<number>[] = []
  for (const [index, { after, hasJobs }] of steps.entries()) {
    const before = places[index]?.isGathered === true ? [] : after
    above.push(
      new Set([
        ...before.flatMap((step) => [...(above[step] ?? [])]),
        ...(hasJobs === true ? [index] : []),
      ]),
    )
  }
  return above
}

/** Every barrier that a step's rows went through, however far back. */
export function barriersAbove(
  steps: readonly (Pick<StepPlace, 'isGathered'> & Pick<StagedStep, 'after'>)[],
  step: number,
): number[] {
  const above = new Set<number>()
  const waiting = [step]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop())
    for (const before of steps[index]?.after ?? [])
      if (!above.has(before)) {
        above.add(before)
        waiting.push(before)
      }
  return [...above].filter((before) => steps[before] !== undefined && isBarrier(steps[before]))
}

function placesOf(steps: readonly StagedStep[]): StepPlace[] {
  const places: StepPlace[] = []
  for (const [index, { kind, after, asksModel }] of steps.entries()) {
    const before = after.flatMap((step) => places[step] ?? [])
    const barriers = new Set(before.map((place) => place.barrier))
    const [barrier = null] = barriers
    // Rows of branches that stand in different orders are found for each other when all of them are there.
    const isOwnBarrier = kind === 'global' || barriers.size > 1
    if (isOwnBarrier) places.push({ barrier: index, isGathered: true, roots: [] })
    else if (after.length === 0)
      places.push({ barrier: null, isGathered: !asksModel, roots: [index] })
    else {
      const roots = [...new Set(before.flatMap((place) => place.roots))]
      places.push({ barrier, isGathered: false, roots })
    }
  }
  return places
}

/** For each step the barriers that need it. */
function waitingFor(
  steps: readonly StagedStep[],
  places: readonly StepPlace[],
): ReadonlySet<number>[] {
  const waiting = steps.map(() => new Set<number>())
  for (let index = steps.length - 1; index >= 0; index--) {
    const after = steps[index]?.after ?? []
    const own = places[index]?.isGathered === true ? [index] : []
    for (const before of after)
      for (const barrier of [...(waiting[index] ?? []), ...own]) waiting[before]?.add(barrier)
  }
  return waiting
}
