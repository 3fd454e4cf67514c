/** What of a step decides where its rows come from. */
export interface PathStep {
  /** Indexes of the steps that it reads, each smaller than its own. */
  readonly after: readonly number[]
}

/** A step on the way from a fork to a join. */
export interface PathPart {
  readonly step: number
  /** The step that its rows go back to: what it reads or, of a join, where its branches part. */
  readonly from: number
  /** Of a join, the steps of its branches. */
  readonly within: readonly number[]
}

/** Where the branches of a join part, and what lies between. */
export interface JoinPaths {
  /** The step whose rows all branches are made of. */
  readonly fork: number
  /** For each branch, in declared order, its steps from the last to the first; none where it is the fork itself. */
  readonly branches: readonly (readonly PathPart[])[]
}

/** Finds where the branches of a join part; `undefined` where they have nothing in common. */
export function findJoinPaths(steps: readonly PathStep[], join: number): JoinPaths | undefined {
  const ways = (steps[join]?.after ?? []).map((end) => wayUp(steps, end))
  if (ways.includes(undefined)) return undefined
  const known = ways.filter((way) => way !== undefined)
  const fork = known[0]?.find((step) => known.every((way) => way.includes(step)))
  if (fork === undefined) return undefined
  const branches = known.map((way) =>
    way.slice(0, way.indexOf(fork)).map((step, index) => ({
      step,
      from: way[index + 1] ?? fork,
      within: stepsWithin(steps, step),
    })),
  )
  return { fork, branches }
}

/** A step and all that its rows go back to, up to a generator; branches that were joined count as one. */
function wayUp(steps: readonly PathStep[], from: number): number[] | undefined {
  const way: number[] = []
  for (let step: number | undefined = from; step !== undefined;) {
    way.push(step)
    const after: readonly number[] = steps[step]?.after ?? []
    if (after.length < 2) step = after[0]
    else {
      const fork = findJoinPaths(steps, step)?.fork
      if (fork === undefined) return undefined
      step = fork
    }
  }
  return way
}

/** The steps of the branches that a step joins, and of those within them. */
function stepsWithin(steps: readonly PathStep[], step: number): number[] {
  if ((steps[step]?.after.length ?? 0) < 2) return []
  const { branches = [] } = findJoinPaths(steps, step) ?? {}
  return branches.flat().flatMap((part) => [part.step, ...part.within])
}
