import type { ResolvedStep } from './resolve-pipeline.ts'

/** What is taken for how many rows a step makes of one, where only a run tells. */
const manyRows = 10

/**
 * How many rows may come of one source row, as far as steps tell it: the answers of tasks that ask for several, and ten
 * where any step may make several.
 */
export function growthOf(steps: readonly ResolvedStep[]): number {
  const growths = new Map<string, Growth>()
  for (const { spec, definition, params, model } of steps) {
    const before = (spec.after ?? []).flatMap((name) => growths.get(name) ?? [])
    const isStacked = definition.kind === 'global'
    const known = before.map((growth) => growth.known)
    const isSeveral = model !== undefined && params['groupGenerations'] !== true
    const own = isSeveral ? Number(params['numGenerations'] ?? 1) : 1
    growths.set(spec.name, {
      known: own * (isStacked ? known.reduce((sum, each) => sum + each, 0) : Math.max(1, ...known)),
      isOpen:
        (definition.kind === 'map' && definition.makesSeveral === true) ||
        before.some(({ isOpen }) => isOpen),
    })
  }
  const all = [...growths.values()]
  return Math.max(1, ...all.map(({ known, isOpen }) => known * (isOpen ? manyRows : 1)))
}

interface Growth {
  readonly known: number
  /** Whether a step on the way may make several rows of one. */
  readonly isOpen: boolean
}
