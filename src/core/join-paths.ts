import type { StepSpec } from './spec.ts'

/** What of a step decides where its rows come from. */
export interface PathStep {
  /** Indexes of the steps that it reads, each smaller than its own. */
  readonly after: readonly number[]
  /** What its definition says; a way does not lead past a `global` step that reads several, whose rows have nothing in common. */
  readonly kind?: string
}

/** Steps as their names link them. */
export function linkSteps(steps: readonly Pick<StepSpec, 'name' | 'after'>[]): PathStep[] {
  return steps.map(({ after = [] }) => ({
    after: after.map((name) => steps.findIndex((other) => other.name === name)),
  }))
}

/** A step on the way from a fork to a join. */
export interface PathPart {
  readonly step: number
  /** The step that its rows go back to: what it reads or, of a join, where its branches part; `null` for a generator. */
  readonly from: number | null
  /** Of a join, the steps of its branches. */
  readonly within: readonly number[]
}

/** Where the branches of a join part, and what lies between. */
export interface JoinPaths {
  /** The step whose rows all branches are made of; `null` where they begin with different generators. */
  readonly fork: number | null
  /** For each branch, in declared order, its steps from the last to the first; none where it is the fork itself. */
  readonly branches: readonly (readonly PathPart[])[]
}

/** Finds where the branches of a join part. */
export function findJoinPaths(steps: readonly PathStep[], join: number): JoinPaths {
  const origins = originsOf(steps, join)
  const fork = origins[join] ?? null
  return { fork, branches: branchesOf(steps, origins, join, fork) }
}

/**
 * For each step up to one, the step that its rows go back to: what it reads or, of a join, where its branches part.
 *
 * Each is found from those before it, so that joins one behind the other are looked at once.
 */
function originsOf(steps: readonly PathStep[], last: number): (number | undefined)[] {
  const origins: (number | undefined)[] = []
  for (const { after, kind } of steps.slice(0, last + 1)) {
    if (kind === 'global' && after.length > 1) {
      origins.push(undefined)
      continue
    }
    const [first, ...others] = after.map((end) => wayUp(origins, end))
    origins.push(
      others.length === 0
        ? after[0]
        : first?.find((step) => others.every((way) => way.includes(step))),
    )
  }
  return origins
}

/** A step and all that its rows go back to; branches that were joined count as one. */
function wayUp(origins: readonly (number | undefined)[], from: number): number[] {
  const way: number[] = []
  for (let step: number | undefined = from; step !== undefined; step = origins[step]) way.push(step)
  return way
}

function branchesOf(
  steps: readonly PathStep[],
  origins: readonly (number | undefined)[],
  join: number,
  fork: number | null,
): PathPart[][] {
  return (steps[join]?.after ?? []).map((end) => {
    const way = wayUp(origins, end)
    const parted = fork === null ? way : way.slice(0, way.indexOf(fork))
    return parted.map((step, index) => ({
      step,
      from: way[index + 1] ?? null,
      within: stepsWithin(steps, origins, step),
    }))
  })
}

/** The steps of the branches that a step joins, and of those within them. */
function stepsWithin(
  steps: readonly PathStep[],
  origins: readonly (number | undefined)[],
  step: number,
): number[] {
  const { after = [], kind } = steps[step] ?? {}
  if (after.length < 2 || kind === 'global') return []
  return branchesOf(steps, origins, step, origins[step] ?? null)
    .flat()
    .flatMap((part) => [part.step, ...part.within])
}
