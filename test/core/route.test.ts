import * as fc from 'fast-check'
import { z } from 'zod'
import { expect, test } from 'vitest'

import { defineRoute } from '../../src/core/define-route.ts'
import { definitionKey } from '../../src/core/step.ts'
import { chooseBranches } from '../../src/core/route.ts'
import type { LiveRoute, RouteDefinition } from '../../src/core/route.ts'
import { sampleSteps } from '../../src/steps/routes/sample-steps.ts'

const rowOf = (index: number, row = {}) => ({
  origin: String(index),
  identity: `row-${index}`,
  row,
})
const live = (
  definition: RouteDefinition,
  params: object,
  branches: readonly string[],
  others: Partial<LiveRoute['planned']> & { readonly seed?: number } = {},
): LiveRoute => {
  const { seed = 0, ...planned } = others
  return {
    definition,
    // The parameters of each definition are of its own kind.
    params: params as never,
    seed,
    planned: {
      type: definition.type,
      signature: 's',
      branches: branches.map((name, index) => ({ name, step: index + 1 })),
      ordinal: 0,
      share: 1,
      ...planned,
    },
  }
}
const sample = (size: number, count: number, others = {}) =>
  live(
    sampleSteps(size)[definitionKey],
    { size },
    Array.from({ length: count }, (_, index) => `b${index}`),
    others,
  )

test('so many of the branches are sampled for each row, each as often as any other', () => {
  const route = sample(2, 5)
  const counts = new Map<number, number>()
  for (let row = 0; row < 5_000; row++) {
    const chosen = [...chooseBranches(route, 'load', rowOf(row))]
    expect(chosen).toHaveLength(2)
    for (const step of chosen) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
  // 2,000 are expected of each, with a standard deviation of 35.
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(175)
})

test("a row's branches depend on the seed and on itself alone", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 6 }), fc.nat(5), (index, count, more) => {
      const size = 1 + (more % count)
      const chosen = [...chooseBranches(sample(size, count), 'load', rowOf(index))]
      const elsewhere = { ...rowOf(index), origin: '999' }
      expect([...chooseBranches(sample(size, count), 'other', elsewhere)]).toEqual(chosen)
      expect(chosen).toHaveLength(size)
      expect(chosen).toEqual(chosen.toSorted((a, b) => a - b))
    }),
  )
  const choicesOf = (route: LiveRoute) =>
    Array.from({ length: 50 }, (_, row) => [...chooseBranches(route, 'load', rowOf(row))].join())
  expect(choicesOf(sample(2, 5, { seed: 1 }))).not.toEqual(choicesOf(sample(2, 5)))
  expect(choicesOf(sample(2, 5, { ordinal: 1 }))).not.toEqual(choicesOf(sample(2, 5)))
})

const byLanguage = defineRoute({
  type: 'ByLanguage',
  inputs: z.object({ language: z.string() }),
  choose: ({ language }, { branches }) =>
    language === 'all' ? branches : language === 'none' ? [] : [language],
})

test("a user's function chooses by the row and the branches' names", () => {
  const route = live(byLanguage.definition, {}, ['en', 'de'])
  const stepsFor = (language: string) => [...chooseBranches(route, 'load', rowOf(0, { language }))]
  expect(stepsFor('de')).toEqual([2])
  expect(stepsFor('all')).toEqual([1, 2])
  expect(stepsFor('none')).toEqual([])
  expect(() => stepsFor('dd')).toThrow(
    "The route behind step 'load' (ByLanguage) sends row 0 to 'dd', which is none of its branches. Did you mean 'de'?",
  )
})

test('a route that throws stops the run with the row', () => {
  const route = live(
    defineRoute({
      type: 'Broken',
      inputs: z.looseObject({}),
      choose() {
        throw new Error('It is broken.')
      },
    }).definition,
    {},
    ['a'],
  )
  expect(() => chooseBranches(route, 'load', rowOf(7))).toThrow(
    "The route behind step 'load' (Broken) threw at row 7: It is broken.",
  )
})
