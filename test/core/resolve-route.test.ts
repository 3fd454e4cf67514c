import { expect, test } from 'vitest'

import type { JsonObject } from '../../src/core/json.ts'
import type { RouteSpec } from '../../src/core/route.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { errorOf } from './error-of.ts'
import { resolve } from './little-registry.ts'

const sample = (size: number): RouteSpec => ({ type: 'SampleSteps', params: { size } })
const count = (name: string, after: string, outputs: Record<string, string> = {}): StepSpec => ({
  name,
  type: 'Count',
  after: [after],
  outputs,
})
const join = (type: string, after: readonly string[], params: JsonObject = {}): StepSpec => ({
  name: 'join',
  type,
  after,
  params,
})
const routed = (route: RouteSpec, ...steps: StepSpec[]): StepSpec[] => [
  { name: 'load', type: 'Prompts', route },
  ...steps,
]
const branches = [count('a', 'load'), count('b', 'load'), count('c', 'load')]

test('a route chooses among the steps that come after it, in declared order', () => {
  const steps = resolve(routed(sample(2), ...branches))
  expect(steps[0]?.route?.planned).toMatchObject({
    type: 'SampleSteps',
    branches: [
      { name: 'a', step: 1 },
      { name: 'b', step: 2 },
      { name: 'c', step: 3 },
    ],
    ordinal: 0,
    share: 2 / 3,
  })
})

test('its branches may have names of their own', () => {
  const named = { ...sample(1), branches: { second: 'b', first: 'a', third: 'c' } }
  const steps = resolve(routed(named, ...branches))
  expect(steps[0]?.route?.planned.branches.map(({ name }) => name)).toEqual([
    'second',
    'first',
    'third',
  ])
})

test('columns of branches that a row may not go to can be null, and lists of them hold no null', () => {
  const outputs = ['a', 'b'].map((name) => count(name, 'load', { length: `${name}_length` }))
  const merged = resolve(routed(sample(1), ...outputs, join('CombineOutputs', ['a', 'b'])))
  expect(merged.at(-1)?.columns?.schemas['a_length']).toEqual({
    anyOf: [{ type: 'number' }, { type: 'null' }],
  })
  const params = { columns: ['length'], outputColumns: ['lengths'] }
  const two = branches.slice(0, 2)
  const grouped = resolve(routed(sample(1), ...two, join('GroupColumns', ['a', 'b'], params)))
  expect(grouped.at(-1)?.columns?.schemas['lengths']).toEqual({
    type: 'array',
    items: { type: 'number' },
  })
  const filled = resolve([
    { name: 'load', type: 'Prompts' },
    ...two,
    join('GroupColumns', ['a', 'b'], { ...params, onMissing: 'null' }),
  ])
  expect(filled.at(-1)?.columns?.schemas['lengths']).toMatchObject({
    items: { anyOf: [{ type: 'number' }, { type: 'null' }] },
  })
})

test.each<[string, StepSpec[], string]>([
  [
    'more branches sampled than there are',
    routed(sample(4), ...branches),
    "The route behind step 'load' samples 4 of 3 branches; sample 3 at most.",
  ],
  ['a route to nowhere', routed(sample(1)), "The route behind step 'load' has no branches"],
  [
    'a parameter that is none',
    routed({ type: 'SampleSteps', params: { size: 1, sise: 2 } }, ...branches),
    "(SampleSteps) has no parameter 'sise'. Did you mean 'size'?",
  ],
  [
    'a parameter that does not hold',
    routed(sample(0), ...branches),
    "Parameter 'size' of the route behind step 'load' (SampleSteps) does not hold",
  ],
  [
    'a type that is none',
    routed({ type: 'SampleStep' }, ...branches),
    "has the type 'SampleStep', which is not known here. Did you mean 'SampleSteps'?",
  ],
  [
    'a branch that begins with a step elsewhere',
    routed({ ...sample(1), branches: { a: 'a', b: 'b', c: 'c', d: 'bb' } }, ...branches),
    "Branch 'd' of the route behind step 'load' begins with 'bb', which does not come after 'load'. Did you mean 'b'?",
  ],
  [
    'a branch that is not named',
    routed({ ...sample(1), branches: { a: 'a', b: 'b' } }, ...branches),
    "The route behind step 'load' names no branch for 'c'",
  ],
  [
    'a branch without a step',
    routed(sample(1), count('a', 'load'), join('CombineOutputs', ['a', 'load'])),
    "Step 'join' joins branches, so the route behind step 'load' cannot send rows straight to it",
  ],
  [
    'a join that does not know what to do with missing rows',
    routed(
      sample(2),
      ...branches.slice(0, 2),
      join('GroupColumns', ['a', 'b'], { columns: ['length'], onMissing: 'drop' }),
    ),
    "Parameter 'onMissing' of step 'join' is \"drop\"; it takes 'reject', 'null', 'error'.",
  ],
])('%s is refused', (_, steps, sentence) => {
  const error = errorOf(() => resolve(steps))
  expect(error.verdict).toBe('invalid')
  expect(error.message).toContain(sentence)
})
