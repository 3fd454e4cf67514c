import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineRoute } from '../../src/core/define-route.ts'
import { defineStep } from '../../src/core/define-step.ts'
import { Pipeline } from '../../src/core/pipeline.ts'
import { loadDataFromDicts } from '../../src/steps/sources/load-data-from-dicts.ts'
import { sampleSteps } from '../../src/steps/routes/sample-steps.ts'
import { errorOf } from './error-of.ts'
import { resolve } from './little-registry.ts'

const count = defineStep({
  type: 'Count',
  params: z.object({ unit: z.string().optional() }),
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ length: z.number() }),
  *process(rows) {
    for (const { prompt } of rows) yield { length: prompt.length }
  },
})
const trim = defineStep({
  type: 'Trim',
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ prompt: z.string() }),
  *process(rows) {
    for (const { prompt } of rows) yield { prompt: prompt.trim() }
  },
})
const data = [{ prompt: 'Why?', id: 1 }]
const seeds = Pipeline.from('seeds', loadDataFromDicts(data))
const load = { name: 'load', type: 'LoadDataFromDicts', params: { data } }

test('a pipeline is plain JSON', () => {
  const pipeline = Pipeline.from('seeds', loadDataFromDicts(data), { seed: 3, step: 'begin' }).step(
    'count',
    count({ unit: 'letters', inputBatchSize: 9 }),
    { inputs: { prompt: 'prompt' }, outputs: { length: 'size' } },
  )
  const spec = {
    version: 1,
    name: 'seeds',
    seed: 3,
    steps: [
      { ...load, name: 'begin' },
      {
        name: 'count',
        type: 'Count',
        params: { unit: 'letters', inputBatchSize: 9 },
        after: ['begin'],
        inputs: { prompt: 'prompt' },
        outputs: { length: 'size' },
      },
    ],
  }
  expect(JSON.parse(JSON.stringify(pipeline))).toEqual(spec)
  expect(pipeline.spec).toEqual(spec)
})

test('every method returns another pipeline and leaves its own as it was', () => {
  const before = JSON.stringify(seeds)
  const counted = seeds.step('count', count())
  counted.keep('length')
  counted.step('trim', trim())
  seeds.branch({ a: (p) => p.step('a', trim()), b: (p) => p.step('b', count()) }).leaves()
  expect(JSON.stringify(seeds)).toBe(before)
  expect(counted.spec.steps.map(({ name }) => name)).toEqual(['load', 'count'])
})

test('branches that are grouped read the step before them and are read by the join', () => {
  const pipeline = seeds
    .branch({
      a: (p) => p.step('a1', trim()).step('a2', count()),
      b: (p) => p.step('b1', count()),
    })
    .group('lengths', { length: 'all_lengths' })
    .step('last', trim())
  expect(pipeline.spec.steps).toEqual([
    load,
    { name: 'a1', type: 'Trim', params: {}, after: ['load'] },
    { name: 'a2', type: 'Count', params: {}, after: ['a1'] },
    { name: 'b1', type: 'Count', params: {}, after: ['load'] },
    {
      name: 'lengths',
      type: 'GroupColumns',
      params: { columns: ['length'], outputColumns: ['all_lengths'] },
      after: ['a2', 'b1'],
    },
    { name: 'last', type: 'Trim', params: {}, after: ['lengths'] },
  ])
})

test('merged branches are joined with all their columns', () => {
  const merged = seeds
    .branch({
      a: (p) => p.step('a', count()),
      b: (p) => p.step('b', count(), { outputs: { length: 'b_length' } }),
    })
    .merge('both')
  expect(merged.spec.steps.at(-1)).toEqual({
    name: 'both',
    type: 'CombineOutputs',
    params: {},
    after: ['a', 'b'],
  })
})

test('leaves end alone', () => {
  const leaves = seeds
    .branch({ a: (p) => p.step('a', count()), b: (p) => p.step('b', trim()) })
    .leaves()
  expect(leaves.spec.steps.map(({ name, after }) => [name, after])).toEqual([
    ['load', undefined],
    ['a', ['load']],
    ['b', ['load']],
  ])
})

test('branches within branches are joined inside out', () => {
  const pipeline = seeds
    .branch({
      a: (p) =>
        p
          .branch({
            x: (q) => q.step('x', count()),
            y: (q) => q.step('y', count()),
          })
          .group('inner', { length: 'lengths' }),
      b: (p) => p.step('b', count()),
    })
    .merge('outer')
  expect(pipeline.spec.steps.map(({ name, after }) => [name, after])).toEqual([
    ['load', undefined],
    ['x', ['load']],
    ['y', ['load']],
    ['inner', ['x', 'y']],
    ['b', ['load']],
    ['outer', ['inner', 'b']],
  ])
})

test('kept columns are a step with a name of its own', () => {
  const pipeline = seeds.keep('prompt', 'id').step('count', count()).keep('length')
  expect(pipeline.spec.steps.map(({ name, params }) => [name, params])).toEqual([
    ['load', { data }],
    ['keep', { columns: ['prompt', 'id'] }],
    ['count', {}],
    ['keep_2', { columns: ['length'] }],
  ])
})

test('two branches that kept columns once had steps of one name', () => {
  const pipeline = seeds
    .branch({
      'first one': (p) => p.step('a', count()).keep('length', 'id'),
      second: (p) =>
        p
          .step('b', count(), { outputs: { length: 'size' } })
          .keep('size', 'id')
          .keep('size'),
    })
    .leaves()
  expect(pipeline.spec.steps.map(({ name }) => name)).toEqual([
    'load',
    'a',
    'keep_first-one',
    'b',
    'keep_second',
    'keep_second_2',
  ])
})

test('two steps of one name are refused when the spec is asked for', () => {
  const twice = seeds.step('same', trim()).step('same', trim())
  expect(errorOf(() => twice.spec).code).toBe('step-name-taken')
  const branches = seeds
    .branch({ a: (p) => p.step('same', count()), b: (p) => p.step('same', count()) })
    .leaves()
  expect(errorOf(() => branches.spec).message).toContain("Two steps are named 'same'")
})

test('a branch without branches and a branch that returns no pipeline are refused', () => {
  expect(errorOf(() => seeds.branch({})).message).toContain("pipeline 'seeds' has no branches")
  // What a module without types may do.
  const wrong = { a: () => ({}) as typeof seeds }
  expect(errorOf(() => seeds.branch(wrong)).message).toBe("Branch 'a' returns no pipeline.")
})

test('each definition is there once, however often it is used', () => {
  const pipeline = seeds
    .branch({
      a: (p) => p.step('a', count()),
      b: (p) => p.step('b', count()).step('c', trim()),
    })
    .group('g', { length: 'lengths' })
    .step('d', trim())
  expect(pipeline.definitions.map(({ type }) => type)).toEqual([
    'LoadDataFromDicts',
    'Count',
    'Trim',
  ])
})

test('code does not show in JSON', () => {
  expect(JSON.parse(JSON.stringify(count({ unit: 'x' })))).toEqual({
    kind: 'map',
    type: 'Count',
    params: { unit: 'x' },
  })
})

test('a pipeline of 400 steps has them all, in order, and resolves', () => {
  let pipeline: typeof seeds = seeds
  for (let index = 0; index < 400; index++) pipeline = pipeline.step(`trim-${index}`, trim())
  const { steps } = pipeline.spec
  expect(steps).toHaveLength(401)
  for (const [index, { name, after }] of steps.slice(1).entries()) {
    expect(name).toBe(`trim-${index}`)
    expect(after).toEqual([index === 0 ? 'load' : `trim-${index - 1}`])
  }
  const last = resolve(steps).at(-1)
  expect(last?.columns?.writers).toEqual({ prompt: 'trim-399', id: 'load' })
})

test('a route stands at the step whose rows it divides, and its code comes along', () => {
  const byId = defineRoute({
    type: 'ById',
    inputs: z.object({ id: z.number() }),
    choose: ({ id }, { branches }) => branches.slice(id),
  })
  const routed = seeds
    .branch(
      {
        a: (p) => p.step('a', count()),
        other: (p) => p.step('b', count()),
        archive: (p) => p.step('c', count()).leaf(),
      },
      { route: byId() },
    )
    .group('both', { length: 'lengths' })
  expect(routed.spec.steps).toMatchObject([
    {
      name: 'load',
      route: { type: 'ById', params: {}, branches: { a: 'a', other: 'b', archive: 'c' } },
    },
    { name: 'a', after: ['load'] },
    { name: 'b', after: ['load'] },
    { name: 'c', after: ['load'] },
    { name: 'both', after: ['a', 'b'] },
  ])
  expect(routed.definitions).toContain(byId.definition)
})

test('branches that are named after their first steps need no names in the route', () => {
  const sampled = seeds
    .branch(
      { a: (p) => p.step('a', count()), b: (p) => p.step('b', count()) },
      { route: sampleSteps(1) },
    )
    .group('one', { length: 'lengths' }, { onMissing: 'null' })
  expect(sampled.spec.steps[0]?.route).toEqual({ type: 'SampleSteps', params: { size: 1 } })
  expect(sampled.spec.steps.at(-1)?.params).toMatchObject({ onMissing: 'null' })
})

test('a route needs a step to come after and one in each branch', () => {
  const route = { route: sampleSteps(1) }
  const both = { a: (p: typeof seeds) => p.step('a', count()), b: (p: typeof seeds) => p }
  expect(errorOf(() => seeds.branch(both, route)).message).toContain(
    "Branch 'b' of pipeline 'seeds' has no steps",
  )
  const leaves = seeds
    .branch({ a: (p) => p.step('a', count()), b: (p) => p.step('b', count()) })
    .leaves()
  const further = { c: (p: typeof leaves) => p.keep('prompt') }
  expect(errorOf(() => leaves.branch(further, route)).message).toContain(
    'comes after several steps',
  )
})
