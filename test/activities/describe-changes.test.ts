import { expect, test } from 'vitest'

import { describeChanges } from '../../activities/describe-changes.ts'
import type { Plan } from '../../src/core/plan.ts'
import { freePrice } from '../../src/core/price.ts'
import { littlePlan } from '../core/little-plan.ts'
import type { LittleStep } from '../core/little-plan.ts'

const steps: LittleStep[] = [
  { batchSize: 5, after: [0] },
  { batchSize: 5, after: [1] },
  { batchSize: 5, after: [1] },
]
const before = littlePlan(steps, 10)
const changesOf = (after: Plan) => describeChanges(before, after)
const withStep = (index: number, step: Partial<LittleStep>) =>
  littlePlan(
    steps.map((each, at) => (at === index ? { ...each, ...step } : each)),
    10,
  )

test('the same plan has no changes', () => {
  expect(changesOf(littlePlan(steps, 10))).toEqual([])
})

test('pace and place are no changes', () => {
  const after = littlePlan(steps, 10, { run: 'other', storeId: 'other', plannedAt: 5 })
  const model = {
    type: 'OpenAILLM',
    model: 'm',
    isSimulated: false,
    isFromEnvironment: false,
    limitGroup: 'other',
    maxConcurrency: 9,
    maxNewTokens: 9,
    price: freePrice,
  }
  const planned = after.steps.map((step) => ({ ...step, batchSize: 9, taskQueue: 'gpu', model }))
  expect(changesOf({ ...after, steps: planned })).toEqual([])
})

test.each<[what: string, after: Plan, changes: string[]]>([
  ['a step with another signature', withStep(1, { signature: 'new' }), ["step 's2' changed"]],
  ['a step after another step', withStep(2, { after: [2] }), ["step 's3' comes after other steps"]],
  [
    'a step more',
    littlePlan([...steps, { batchSize: 1, after: [3] }], 10),
    ["step 's4' was added"],
  ],
  ['a step less', littlePlan(steps.slice(0, 2), 10), ["step 's3' was removed"]],
  ['another seed', littlePlan(steps, 10, { seed: 4 }), ['the seed was 0 and is 4']],
  [
    'another source',
    littlePlan(steps, 11, { sources: [{ step: 0, key: 'sources/2', rows: 11 }] }),
    ["the source 's0' changed"],
  ],
  [
    'another pipeline',
    littlePlan(steps, 10, { spec: { version: 1, name: 'other', steps: [] } }),
    ["the pipeline was 'little' and is 'other'"],
  ],
])('%s is named', (_, after, changes) => {
  expect(changesOf(after)).toEqual(changes)
})

test('steps that only stand in another order are no change', () => {
  const [load, first, second, third] = before.steps
  if (load === undefined || first === undefined || second === undefined || third === undefined)
    throw new Error('The plan has four steps.')
  expect(changesOf({ ...before, steps: [load, first, third, second] })).toEqual([])
})

test('a route that is added, sends rows otherwise or to branches of other names is a change', () => {
  const routed = (signature: string, ...names: string[]): Plan => {
    const branches = names.map((name, step) => ({ name, step }))
    const route = { type: 'R', signature, branches, ordinal: 0, share: 0.5 }
    return {
      ...before,
      steps: before.steps.map((step, index) => (index === 1 ? { ...step, route } : step)),
    }
  }
  const changed = ["the route behind step 's1' changed"]
  expect(changesOf(routed('a', 'x', 'y'))).toEqual(changed)
  expect(describeChanges(routed('a', 'x', 'y'), routed('b', 'x', 'y'))).toEqual(changed)
  expect(describeChanges(routed('a', 'x', 'y'), routed('a', 'y', 'x'))).toEqual(changed)
  expect(describeChanges(routed('a', 'x', 'y'), routed('a', 'x', 'y'))).toEqual([])
})

test('how many source rows may be taken until enough pass is no change, and how many are to pass is one', () => {
  const planned = (atMost: number, content: string, accepted = 5) =>
    littlePlan(steps, atMost, {
      target: { accepted, atMost },
      sources: [{ step: 0, key: `sources/${content}/${atMost}`, rows: atMost, content }],
    })
  expect(describeChanges(planned(10, 'a'), planned(20, 'a'))).toEqual([])
  expect(describeChanges(planned(10, 'a'), planned(20, 'b'))).toEqual(["the source 's0' changed"])
  expect(describeChanges(planned(10, 'a'), planned(10, 'a', 6))).toEqual([
    '5 accepted rows were to be made and 6 accepted rows are',
  ])
})
