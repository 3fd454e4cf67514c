import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BatchInputs } from '../../activities/batch-inputs.ts'
import type { LoadedPlan } from '../../activities/loaded-plan.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import { batchRange } from '../../src/core/range.ts'
import type { Range } from '../../src/core/range.ts'
import { chooseBranches } from '../../src/core/route.ts'
import type { LiveRoute, RouteDefinition } from '../../src/core/route.ts'
import { runJoin } from '../../src/core/run-join.ts'
import { noBatchFigures } from '../../src/core/staged-row.ts'
import type { Chunk, RejectedRow, StagedRow } from '../../src/core/staged-row.ts'
import type { JoinDefinition } from '../../src/core/step.ts'
import { definitionKey } from '../../src/core/step.ts'
import { sampleSteps } from '../../src/steps/routes/sample-steps.ts'

/** A step that works row by row, or branches that are joined again. */
type Part =
  | { readonly kind: 'mark' | 'filter' | 'reject'; readonly salt: number; readonly size: number }
  | {
      readonly kind: 'fork'
      readonly branches: readonly (readonly Part[])[]
      /** How many of the branches each row goes to; all where it is 0. */
      readonly sampled: number
      readonly size: number
    }

const size = fc.integer({ min: 1, max: 9 })
const { part } = fc.letrec<{ part: Part; parts: readonly Part[] }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.record({
      kind: fc.constantFrom('mark' as const, 'filter' as const, 'reject' as const),
      salt: fc.nat(9),
      size,
    }),
    fc.record({
      kind: fc.constant('fork' as const),
      branches: fc.array(tie('parts'), { minLength: 2, maxLength: 3 }),
      sampled: fc.nat(2),
      size,
    }),
  ),
  // A branch begins with a step of its own.
  parts: fc
    .tuple(
      fc.record({ kind: fc.constant('mark' as const), salt: fc.nat(9), size }),
      fc.array(tie('part'), { maxLength: 2 }),
    )
    .map(([first, others]) => [first, ...others]),
}))

/** What a step makes of a row: another one, none, or a rejection. */
function work(
  part: Exclude<Part, { kind: 'fork' }>,
  row: StagedRow,
): StagedRow | 'out' | 'rejected' {
  const isHit = (Number(row.origin) * 7 + part.salt) % 5 === 0
  if (part.kind === 'filter' && isHit) return 'out'
  if (part.kind === 'reject' && isHit) return 'rejected'
  return { ...row, row: { made: [row.row['made'], part.salt] } }
}

const join: JoinDefinition = {
  kind: 'join',
  type: 'Listed',
  columns: () => ({}),
  join: (rows) => ({ made: rows.map((row) => (row === undefined ? 'elsewhere' : row?.['made'])) }),
}

interface PlannedPart {
  readonly part: Part | undefined
  readonly after: readonly number[]
  readonly batchSize: number
  route?: LiveRoute
}

/** Which route, if any, each fork has. */
type Routes = ReadonlyMap<Part, LiveRoute | undefined>

/** The parts as steps of a plan, whose first one is the source. */
function planOf(parts: readonly Part[]): { steps: PlannedPart[]; routes: Routes } {
  const routes = new Map<Part, LiveRoute | undefined>()
  const steps: PlannedPart[] = [{ part: undefined, after: [], batchSize: 1 }]
  let ordinal = 0
  const add = (chain: readonly Part[], from: number): number =>
    chain.reduce((before, each) => {
      if (each.kind !== 'fork')
        return steps.push({ part: each, after: [before], batchSize: each.size }) - 1
      const own = each.sampled === 0 ? undefined : ordinal++
      const firsts: number[] = []
      const ends = each.branches.map((branch) => {
        firsts.push(steps.length)
        return add(branch, before)
      })
      const fork = steps[before]
      const route = own === undefined ? undefined : routeOf(each.sampled, firsts, own)
      routes.set(each, route)
      if (route !== undefined && fork !== undefined) fork.route = route
      return steps.push({ part: each, after: ends, batchSize: each.size }) - 1
    }, from)
  add(parts, 0)
  return { steps, routes }
}

function routeOf(size: number, firsts: readonly number[], ordinal: number): LiveRoute {
  const definition: RouteDefinition = sampleSteps(size)[definitionKey]
  const branches = firsts.map((step) => ({ name: `b${step}`, step }))
  const planned = { type: definition.type, signature: '', branches, ordinal, share: 1 }
  return { definition, params: { size }, planned, seed: 3 }
}

const rowsOf = (count: number): StagedRow[] =>
  Array.from({ length: count }, (_, index) => ({
    origin: String(index),
    identity: `id-${index}`,
    row: { made: index },
  }))

/**
 * What becomes of one row, worked out step by step without batches.
 *
 * @param missed - gets the row's origin for each join that rejects it because a branch let it out
 */
function interpret(
  parts: readonly Part[],
  row: StagedRow,
  routes: Routes,
  missed: string[],
): StagedRow | 'out' | 'rejected' {
  let now = row
  for (const part of parts) {
    if (part.kind !== 'fork') {
      const made = work(part, now)
      if (typeof made === 'string') return made
      now = made
      continue
    }
    const route = routes.get(part)
    const chosen = route === undefined ? undefined : chooseBranches(route, 'fork', now)
    const fates = part.branches.map((branch, index) => {
      const first = route?.planned.branches[index]?.step ?? -1
      return chosen === undefined || chosen.has(first)
        ? interpret(branch, now, routes, missed)
        : undefined
    })
    const here = fates.filter((fate) => typeof fate === 'object')
    if (here.length === 0) return fates.includes('rejected') ? 'rejected' : 'out'
    if (fates.includes('rejected')) return 'rejected'
    if (fates.includes('out')) {
      missed.push(row.origin)
      return 'rejected'
    }
    const made = fates.map((fate) => (typeof fate === 'object' ? fate.row['made'] : 'elsewhere'))
    now = { ...now, row: { made } }
  }
  return now
}

/** Runs a plan batch by batch, as activities do. */
async function runBatches(steps: readonly PlannedPart[], source: readonly StagedRow[]) {
  const shard = { from: 0, to: source.length }
  // Of a run's rows reading batches needs no more.
  const planRows = {
    rowsIn: async (_step: number, { from, to }: Range) => source.slice(from, to),
    rangeOf: () => shard,
  } as unknown as PlanRows
  // Of a loaded plan reading rows needs no more.
  const loaded = {
    plan: {
      seed: 3,
      steps: steps.map(({ after, batchSize }, index) => ({
        name: `s${index}`,
        kind: index === 0 ? 'generator' : after.length > 1 ? 'join' : 'map',
        isGathered: index === 0,
        after,
        batchSize,
      })),
    },
    steps: steps.map(({ route }) => ({ route })),
  } as unknown as LoadedPlan
  const chunks = new Map<string, Promise<Chunk>>()
  const chunkOf = (step: number, batch: number): Promise<Chunk> => {
    const id = `${step}/${batch}`
    const known = chunks.get(id) ?? make(step, batch)
    chunks.set(id, known)
    return known
  }
  const make = async (step: number, batch: number): Promise<Chunk> => {
    const { part, batchSize = 1 } = steps[step] ?? {}
    const range = batchRange(shard, batchSize, batch)
    const inputs = new BatchInputs(loaded, { rows: planRows, shard: 0, range }, chunkOf)
    const rejected: RejectedRow[] = []
    if (part === undefined || part.kind === 'fork') {
      const columns = (steps[step]?.after ?? []).map((end) => ({
        name: `s${end}`,
        columns: {},
        written: [],
      }))
      const joined = await runJoin({
        definition: join,
        stepName: `s${step}`,
        params: {},
        columns,
        ...(await inputs.joinInputs(step)),
      })
      return { run: 'run', figures: noBatchFigures, ...joined }
    }
    const rows = (await inputs.rowsFor(step)).flatMap((row) => {
      const made = work(part, row)
      if (made === 'rejected')
        rejected.push({ ...row, step: `s${step}`, code: 'output-invalid', reason: '', raw: null })
      return typeof made === 'string' ? [] : [made]
    })
    return { run: 'run', figures: noBatchFigures, rows, rejected }
  }
  const last = steps.length - 1
  const batches = Math.ceil(source.length / (steps[last]?.batchSize ?? 1))
  const made = await Promise.all(
    Array.from({ length: batches }, (_, batch) => chunkOf(last, batch)),
  )
  const all = await Promise.all(chunks.values())
  const missed = all.flatMap(({ rejected }) =>
    rejected.flatMap(({ code, origin }) => (code === 'row-missing' ? [origin] : [])),
  )
  return { rows: made.flatMap(({ rows }) => rows), missed: missed.toSorted() }
}

test('whatever branches, routes, filters and rejections there are, batches make what rows alone would become', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.nat(30),
      async (parts, count) => {
        const first: Part = { kind: 'mark', salt: 0, size: 4 }
        // Each part has an identity of its own.
        const whole = structuredClone([
          first,
          ...parts.flatMap((each): Part[] => [each, { kind: 'mark', salt: 1, size: 5 }]),
        ])
        const { steps, routes } = planOf(whole)
        const source = rowsOf(count)
        const missed: string[] = []
        const expected = source
          .map((row) => interpret(whole, row, routes, missed))
          .filter((fate) => typeof fate === 'object')
        expect(await runBatches(steps, source)).toEqual({
          rows: expected,
          missed: missed.toSorted(),
        })
      },
    ),
    { numRuns: 150 },
  )
})
