/** The rows that a global step left. */
export interface RowSetRef {
  /** Where they are stored. */
  readonly key: string
  readonly rows: number
}

/** How far the rows of a run go, as far as its plan cannot know it. */
export interface Reach {
  /** Source rows that are worked on; `null`: all of them. */
  readonly end: number | null
  /** Index of each global step that is done, to what it left. */
  readonly sets: Readonly<Record<number, RowSetRef>>
}

/** Where is noted how far a run came. */
export function reachKey(run: string): string {
  return `runs/${run}/reach.json`
}

/** Nothing but the sources is known. */
export const sourcesOnly: Reach = { end: null, sets: {} }

/** What decides how many positions a step's rows have. */
export interface Measured {
  readonly sources: readonly { readonly step: number; readonly rows: number }[]
  readonly steps: readonly {
    readonly barrier: number | null
    readonly roots: readonly number[]
  }[]
}

/**
 * For each step, how many positions its rows have: those of the longest source that it goes back to or, behind a
 * global step, of what that one left; 0 where that is not done.
 */
export function extentsOf({ sources, steps }: Measured, { end, sets }: Reach): number[] {
  const rowsOf = new Map(sources.map(({ step, rows }) => [step, Math.min(rows, end ?? rows)]))
  return steps.map(({ barrier, roots }) =>
    barrier === null
      ? Math.max(0, ...roots.map((root) => rowsOf.get(root) ?? 0))
      : (sets[barrier]?.rows ?? 0),
  )
}
