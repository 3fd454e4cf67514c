/** What of a step decides when its rows can be made. */
export interface StagedStep {
  readonly kind: 'generator' | 'map' | 'global' | 'join'
  /** Indexes of the steps that it reads, each smaller than its own. */
  readonly after: readonly number[]
  /** Whether it asks a model. */
  readonly asksModel: boolean
}

/** Where a step stands between generators and global steps. */
export interface StepPlace {
  /** The global step behind which it stands, by index; its own of one; `null` behind none. */
  readonly barrier: number | null
  /** The generators that its rows go back to without a global step between, by index; its own of one. */
  readonly roots: readonly number[]
}

/** Steps that are worked on together, shard by shard, between two barriers. */
export interface PlannedStage {
  /** The global step behind which they stand; `null` behind none. */
  readonly barrier: number | null
  /** Indexes of the steps that are run batch by batch. */
  readonly steps: readonly number[]
  /** Indexes of the stages that have to be done before. */
  readonly stages: readonly number[]
}

/** A pipeline in stages. */
export interface Staging {
  readonly places: readonly StepPlace[]
  readonly stages: readonly PlannedStage[]
}

/** Whether a step's rows are all there before any batch behind it begins: those of generators and of global steps. */
export function isGathered({ kind, asksModel }: Pick<StagedStep, 'kind' | 'asksModel'>): boolean {
  return kind === 'global' || (kind === 'generator' && !asksModel)
}

/**
 * Divides a pipeline into stages: steps that stand behind the same barrier and that the same global steps wait for.
 *
 * So a global step waits for exactly what it reads, and what nothing waits for goes on beside it.
 */
export function planStages(steps: readonly StagedStep[]): Staging {
  const places = placesOf(steps)
  const waiting = waitingFor(steps)
  const stages: { barrier: number | null; waiting: string; steps: number[] }[] = []
  const stageOf = new Map<number, number>()
  for (const [index, step] of steps.entries()) {
    if (isGathered(step)) continue
    const barrier = places[index]?.barrier ?? null
    const key = [...(waiting[index] ?? [])].toSorted((a, b) => a - b).join(' ')
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

function placesOf(steps: readonly StagedStep[]): StepPlace[] {
  const places: StepPlace[] = []
  for (const [index, { kind, after }] of steps.entries()) {
    const before = after.flatMap((step) => places[step] ?? [])
    const barriers = new Set(before.map(({ barrier }) => barrier))
    const [barrier = null] = barriers
    if (kind === 'global') places.push({ barrier: index, roots: [] })
    else if (after.length === 0) places.push({ barrier: null, roots: [index] })
    else places.push({ barrier, roots: [...new Set(before.flatMap(({ roots }) => roots))] })
  }
  return places
}

/** For each step the global steps that need it. */
function waitingFor(steps: readonly StagedStep[]): ReadonlySet<number>[] {
  const waiting = steps.map(() => new Set<number>())
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index]
    const own = step?.kind === 'global' ? [index] : []
    for (const before of step?.after ?? [])
      for (const global of [...(waiting[index] ?? []), ...own]) waiting[before]?.add(global)
  }
  return waiting
}
