import fc from 'fast-check'
import { expect, test } from 'vitest'

import { planStages } from '../../src/core/stages.ts'
import type { StagedStep } from '../../src/core/stages.ts'

const load: StagedStep = { kind: 'generator', after: [], asksModel: false }
const map = (after: number): StagedStep => ({ kind: 'map', after: [after], asksModel: false })
const global = (...after: number[]): StagedStep => ({ kind: 'global', after, asksModel: false })

test('a global step divides a chain into what comes before and behind it', () => {
  expect(planStages([load, map(0), global(1), map(2), map(3)])).toEqual({
    places: [
      { barrier: null, isGathered: true, roots: [0] },
      { barrier: null, isGathered: false, roots: [0] },
      { barrier: 2, isGathered: true, roots: [] },
      { barrier: 2, isGathered: false, roots: [] },
      { barrier: 2, isGathered: false, roots: [] },
    ],
    stages: [
      { barrier: null, steps: [1], stages: [] },
      { barrier: 2, steps: [3, 4], stages: [] },
    ],
  })
})

test('what no global step waits for is a stage of its own, behind the steps that it reads', () => {
  const { stages } = planStages([load, map(0), global(1), map(1), map(3)])
  expect(stages).toEqual([
    { barrier: null, steps: [1], stages: [] },
    { barrier: null, steps: [3, 4], stages: [0] },
  ])
})

test('a generator that asks a model is run batch by batch, any other is there from the start', () => {
  const asking = { ...load, asksModel: true }
  expect(planStages([asking, map(0)]).stages).toEqual([
    { barrier: null, steps: [0, 1], stages: [] },
  ])
  expect(planStages([load, global(0)]).stages).toEqual([])
})

test('a join goes back to all generators of its branches, each once', () => {
  const join: StagedStep = { kind: 'join', after: [2, 3, 0], asksModel: false }
  const { places } = planStages([load, load, map(0), map(1), join])
  expect(places.at(-1)).toEqual({ barrier: null, isGathered: false, roots: [0, 1] })
})

test('a join of branches that stand behind different barriers is one itself', () => {
  const join: StagedStep = { kind: 'join', after: [1, 2], asksModel: false }
  const { places, stages } = planStages([load, map(0), global(0), join, map(3)])
  expect(places.slice(3)).toEqual([
    { barrier: 3, isGathered: true, roots: [] },
    { barrier: 3, isGathered: false, roots: [] },
  ])
  expect(stages).toEqual([
    { barrier: null, steps: [1], stages: [] },
    { barrier: 3, steps: [4], stages: [] },
  ])
})

/** Steps of which each reads one before it, or several: all but joins may stand anywhere. */
const anySteps: fc.Arbitrary<StagedStep[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        'generator' as const,
        'map' as const,
        'map' as const,
        'global' as const,
      ),
      befores: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      asksModel: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((steps) => [
    load,
    ...steps.map(({ kind, befores, asksModel }, index): StagedStep => {
      const after = [...new Set(befores.map((before) => before % (index + 1)))]
      if (kind === 'generator') return { kind, after: [], asksModel }
      return { kind, after: kind === 'map' ? after.slice(0, 1) : after, asksModel }
    }),
  ])

test('every step that is run is in one stage, stages wait for earlier ones, and a global step for nothing but what it reads', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { stages, places } = planStages(steps)
      const run = places.flatMap(({ isGathered }, index) => (isGathered ? [] : [index]))
      expect(stages.flatMap((stage) => stage.steps).toSorted((a, b) => a - b)).toEqual(run)
      const stageOf = (step: number) => stages.findIndex((stage) => stage.steps.includes(step))
      /** Everything that has to be done for a stage, or for a step whose rows are gathered. */
      const neededFor = (stage: number, path: readonly number[] = []): Set<number> => {
        expect(path).not.toContain(stage)
        const { stages: befores = [], steps: own = [] } = stages[stage] ?? {}
        return new Set([
          ...own,
          ...befores.flatMap((before) => [...neededFor(before, [...path, stage])]),
        ])
      }
      for (const [index, { kind, after }] of steps.entries()) {
        if (kind !== 'global') continue
        const ancestors = new Set<number>()
        const climb = (step: number): void => {
          if (ancestors.has(step)) return
          ancestors.add(step)
          for (const before of steps[step]?.after ?? []) climb(before)
        }
        climb(index)
        for (const before of after.filter((step) => stageOf(step) !== -1))
          for (const needed of neededFor(stageOf(before))) expect(ancestors).toContain(needed)
      }
      for (const stage of stages)
        for (const step of stage.steps)
          for (const before of steps[step]?.after ?? []) {
            const at = stageOf(before)
            if (at !== -1 && stages[at] !== stage) expect(stage.stages).toContain(at)
          }
    }),
  )
})

test('a step whose answers come from jobs begins a stage, which waits for the stage before it', () => {
  const jobs: StagedStep = { ...map(1), asksModel: true, hasJobs: true }
  const { stages } = planStages([load, map(0), jobs, map(2), map(1)])
  expect(stages).toEqual([
    { barrier: null, steps: [1, 4], stages: [] },
    { barrier: null, steps: [2, 3], jobs: [2], stages: [0] },
  ])
})

test('branches with jobs are stages of their own, and what joins them waits for both', () => {
  const jobs = (after: number): StagedStep => ({ ...map(after), asksModel: true, hasJobs: true })
  const join: StagedStep = { kind: 'join', after: [1, 2], asksModel: false }
  const { stages } = planStages([load, jobs(0), jobs(0), join])
  expect(stages).toEqual([
    { barrier: null, steps: [1], jobs: [1], stages: [] },
    { barrier: null, steps: [2], jobs: [2], stages: [] },
    { barrier: null, steps: [3], stages: [0, 1] },
  ])
})
