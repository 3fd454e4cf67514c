import { expect, test } from 'vitest'

import { growthOf } from '../../src/core/growth.ts'
import { nextEnd } from '../../src/core/wave.ts'
import { chain, resolve, simulatedSpec } from './little-registry.ts'

const judge = (params = {}) => ({
  type: 'Judge',
  params: { llm: simulatedSpec, aspect: 'x', ...params },
})
const lists = { type: 'LoadDataFromDicts', name: 'load', params: { data: [{ prompt: ['a'] }] } }
const expand = { type: 'ExpandColumns', params: { columns: ['prompt'] } }

test('a row is taken to become as many as its task gives answers, and ten behind a step that may make several', () => {
  expect(growthOf(resolve(chain({ type: 'Prompts' }, { type: 'Count' }, judge())))).toBe(1)
  expect(growthOf(resolve(chain({ type: 'Prompts' }, judge({ numGenerations: 4 }))))).toBe(4)
  const grouped = judge({ numGenerations: 4, groupGenerations: true })
  expect(growthOf(resolve(chain({ type: 'Prompts' }, grouped)))).toBe(1)
  const expanded = chain(lists, expand, { type: 'DeduplicateRows' }, judge({ numGenerations: 2 }))
  expect(growthOf(resolve(expanded))).toBe(20)
})

test('rows of several branches add up where they are put one after the other', () => {
  const steps = resolve([
    { name: 'prompts', type: 'Prompts' },
    { name: 'a', after: ['prompts'], ...judge({ numGenerations: 3 }) },
    { name: 'b', after: ['prompts'], ...judge() },
    { name: 'all', type: 'Concatenate', after: ['a', 'b'] },
  ])
  expect(growthOf(steps)).toBe(4)
})

test('the first wave takes as many source rows as may be enough', () => {
  const target = { accepted: 40, atMost: 1_000 }
  const plan = { rows: 1_000, target }
  expect(nextEnd({ ...plan, growth: 1 }, target, 0, 0)).toBe(40)
  expect(nextEnd({ ...plan, growth: 10 }, target, 0, 0)).toBe(4)
  expect(nextEnd({ ...plan, growth: 100 }, target, 0, 0)).toBe(1)
  // Later ones go by what came of the first.
  expect(nextEnd({ ...plan, growth: 10 }, target, 4, 20)).toBe(8 + 1)
})
