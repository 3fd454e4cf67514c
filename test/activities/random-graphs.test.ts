import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import { isRetortError } from '../../src/core/errors.ts'
import { growthOf } from '../../src/core/growth.ts'
import { nextEnd } from '../../src/core/wave.ts'
import type { PipelineSpec, RowTarget } from '../../src/core/spec.ts'
import type { ResolvedStep } from '../../src/core/resolve-pipeline.ts'
import { openDataset } from '../../src/storage/dataset/open-dataset.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { driveRun } from '../graphs/drive-run.ts'
import type { Circumstances } from '../graphs/drive-run.ts'
import { interpret } from '../graphs/interpret.ts'
import type { PlainRejection } from '../graphs/interpret.ts'
import { madeBy } from '../graphs/made-by.ts'
import { randomGraph, specOf, withCrossing, withOneEnd } from '../graphs/random-spec.ts'

/** More of them are worth a while where the engine has changed. */
const numRuns = Number(process.env['RETORT_RANDOM_GRAPHS'] ?? 60)

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  luck: fc.nat(),
  shardSize: fc.integer({ min: 2, max: 20 }),
  batchSizes: fc.oneof(
    fc.constantFrom([1], [7], [50]),
    fc.array(fc.constantFrom(1, 2, 7, 50), { minLength: 1, maxLength: 5 }),
  ),
  workers: fc.integer({ min: 1, max: 3 }),
  atOnce: fc.constantFrom(1, 3, 200),
  crashes: fc.array(fc.nat(60), { maxLength: 3 }),
})

/** A rejected row as an interpreter knows it: without a sentence, and wherever it stood. */
function toPlain<Rejected extends { readonly reason: string; readonly places?: readonly number[] }>(
  rejected: Rejected,
) {
  const { reason: _, places: __, ...others } = rejected
  return others
}

test('whatever a graph is made of, and whatever happens to its run, it makes what its rows alone would become', async () => {
  await fc.assert(
    fc.asyncProperty(randomGraph(60), circumstances, async (graph, circumstances) => {
      await expectMeant(specOf(graph), circumstances)
    }),
    { numRuns },
  )
})

test('joins may cross branches that were joined otherwise', async () => {
  const ends = fc.tuple(fc.nat(), fc.nat())
  await fc.assert(
    fc.asyncProperty(randomGraph(30), ends, circumstances, async (graph, ends, circumstances) => {
      const spec = withCrossing(specOf(graph), ...ends)
      fc.pre(spec !== undefined)
      try {
        await expectMeant(spec, circumstances)
      } catch (error) {
        // Not every two steps have a column in common, and a route leads to no join.
        fc.pre(!isRetortError(error) || error.verdict !== 'invalid')
        throw error
      }
    }),
    { numRuns: numRuns / 3 },
  )
})

/** Runs a pipeline, and expects that it makes what the interpreter does. */
async function expectMeant(spec: PipelineSpec, circumstances: Circumstances): Promise<void> {
  const run = await driveRun(createMemoryStore(), spec, { ...circumstances, isUnpublished: true })
  const { plan, steps } = run.loaded
  const meant = await interpret(steps, plan.seed)
  const { leaves, rejected } = await madeBy(run)
  expect({ leaves, rejected: rejected.map(toPlain) }, JSON.stringify(spec.steps)).toEqual({
    leaves: plan.leaves.map((leaf) => meant.rows[leaf]),
    rejected: meant.rejected,
  })
  expect(run.rejected).toBe(rejected.length)
}

const undisturbed = { luck: 0, batchSizes: [50], workers: 1, atOnce: 1, crashes: [] }

test('datasets have the same bytes whatever the batch sizes, the order, the workers and who of them dies', async () => {
  const manifestOf = async (spec: PipelineSpec, circumstances: Circumstances) => {
    const store = createMemoryStore()
    await driveRun(store, spec, circumstances)
    const { leaves, rejected } = (await openDataset(store, spec.name)).manifest
    return { leaves, rejected }
  }
  await fc.assert(
    fc.asyncProperty(randomGraph(60), circumstances, async (graph, circumstances) => {
      const spec = specOf(graph)
      // How many rows there are in a file is settled with the size of shards.
      const { shardSize } = circumstances
      // Names of parts hold their hashes.
      expect(await manifestOf(spec, circumstances), JSON.stringify(spec.steps)).toEqual(
        await manifestOf(spec, { ...undisturbed, shardSize }),
      )
    }),
    { numRuns: numRuns / 3 },
  )
})

/** What a pipeline that is to make so many rows makes, and of how many source rows; `undefined` where it does not. */
async function untilAccepted(
  steps: readonly ResolvedStep[],
  seed: number,
  target: RowTarget,
  { rows, isInOrder }: { readonly rows: number; readonly isInOrder: boolean },
) {
  for (let end = 0, made = 0; end < rows;) {
    end = nextEnd({ rows, target, growth: growthOf(steps) }, target, end, made)
    const all = await interpret(steps, seed, end)
    const last = all.rows.at(-1) ?? []
    made = last.length
    if (made < target.accepted) continue
    const taken = last.slice(0, target.accepted)
    const sourceRows = isInOrder ? Number.parseInt(taken.at(-1)?.origin ?? '', 10) + 1 : end
    const isNeeded = ({ origin }: PlainRejection) => Number.parseInt(origin, 10) < sourceRows
    return {
      rows: taken.map(({ row }) => row),
      sourceRows,
      rejected: all.rejected.filter(isNeeded),
    }
  }
  return undefined
}

const targets: fc.Arbitrary<RowTarget> = fc.record({
  accepted: fc.integer({ min: 1, max: 40 }),
  atMost: fc.integer({ min: 1, max: 70 }),
})

test('a pipeline that is to make so many rows takes the first of them, and rejects what was needed for those', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomGraph(60).map(withOneEnd),
      targets,
      circumstances,
      async (graph, target, circumstances) => {
        const spec = specOf(graph, target)
        const store = createMemoryStore()
        const run = await driveRun(store, spec, circumstances)
        const { plan, steps } = run.loaded
        const meant = await untilAccepted(steps, plan.seed, target, {
          rows: Math.max(...plan.sources.map(({ rows }) => rows)),
          isInOrder: plan.steps.at(-1)?.barrier === null,
        })
        if (!run.isEnough || meant === undefined) {
          expect({ isEnough: run.isEnough }).toEqual({ isEnough: meant !== undefined })
          return
        }
        const { manifest, rows, rejectedRows } = await openDataset(store, spec.name)
        const columns = Object.keys(manifest.leaves[0]?.columns ?? {})
        const rejected = await Array.fromAsync(rejectedRows({ hasIdentities: true }))
        expect(
          {
            rows: await Array.fromAsync(rows()),
            sourceRows: manifest.sourceRows,
            rejected: rejected.map(toPlain),
          },
          JSON.stringify(spec),
        ).toEqual({
          ...meant,
          rows: meant.rows.map((row: Row) =>
            Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
          ),
          rejected: meant.rejected.map(({ raw, ...row }) => ({ ...row, raw_answer: raw })),
        })
      },
    ),
    { numRuns: numRuns / 3 },
  )
})
