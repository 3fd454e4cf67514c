import fc from 'fast-check'
import { expect, test } from 'vitest'

import { orderSteps, parsePipelineSpec } from '../../src/core/spec.ts'
import { errorOf } from './error-of.ts'

const load = { name: 'load', type: 'LoadDataFromDicts', params: { data: [{ a: 1 }] } }
const withSteps = (...steps: unknown[]) => ({ version: 1, name: 'answers', steps })
const withStep = (step: object) =>
  withSteps(load, { name: 'next', type: 'X', after: ['load'], ...step })

test('a full spec is read as it stands', () => {
  const spec = {
    version: 1,
    name: 'answers',
    seed: 7,
    steps: [
      load,
      {
        name: 'generate',
        type: 'Custom',
        params: { llm: { type: 'OpenAILLM' } },
        after: ['load'],
        inputs: { instruction: 'prompt' },
        outputs: { generation: 'answer' },
        module: './task.ts',
        export: 'task',
        taskQueue: 'gpu',
      },
    ],
  }
  expect(parsePipelineSpec(structuredClone(spec), 'pipeline.yaml')).toEqual(spec)
})

test.each<[what: string, value: unknown, essentials: string[]]>([
  ['no object', [], ['f.yaml', "'version', 'name' and 'steps'"]],
  ['null', null, ['f.yaml', "'version'"]],
  [
    'an unknown member',
    { ...withSteps(load), sedd: 1 },
    ["f.yaml has an unknown member 'sedd'", "Did you mean 'seed'?"],
  ],
  ['another version', { ...withSteps(load), version: 2 }, ['f.yaml has version 2', 'version 1']],
  ['no version', { name: 'a', steps: [load] }, ['f.yaml has version null']],
  [
    'no name',
    { version: 1, steps: [load] },
    ['The pipeline in f.yaml', 'the name null', 'letters, digits'],
  ],
  ['a name with a slash', { ...withSteps(load), name: 'a/b' }, ['"a/b"', 'letters, digits']],
  ['a name that is too long', { ...withSteps(load), name: 'a'.repeat(201) }, ['1 to 200']],
  ['the name .', { ...withSteps(load), name: '.' }, ['the name "."', 'not dots alone']],
  ['the name ..', { ...withSteps(load), name: '..' }, ['the name ".."', 'not dots alone']],
  ['a broken seed', { ...withSteps(load), seed: 1.5 }, ["'answers'", '1.5', 'a whole number']],
  ['no steps', withSteps(), ["'answers' has no steps", 'at least a generator']],
  ['steps that are no list', { ...withSteps(), steps: {} }, ["'answers' has no steps"]],
  ['a step that is no object', withSteps(load, 'x'), ["Step 2 of pipeline 'answers'", "'type'"]],
  ['a step without a name', withSteps({ type: 'X' }), ['Step 1 of', 'the name null']],
  ['a step named ..', withSteps({ ...load, name: '..' }), ['the name ".."', 'not dots alone']],
  ['a step named rejected', withStep({ name: 'rejected' }), ["'rejected'", 'choose another name']],
  ['a step named dataset.json', withStep({ name: 'dataset.json' }), ['choose another name']],
  ['a step named README.md', withStep({ name: 'README.md' }), ['choose another name']],
  [
    'an unknown member of a step',
    withStep({ parms: {} }),
    ["Step 'next' has an unknown member 'parms'", "Did you mean 'params'?"],
  ],
  ['no type', withSteps({ name: 'load' }), ["Step 'load' has no 'type'"]],
  ['params that are no object', withStep({ params: [1] }), ["'params' of step 'next'"]],
  ['an after that is no list', withStep({ after: 'load' }), ["'after' of step 'next'", 'a list']],
  ['inputs that are no object', withStep({ inputs: ['a'] }), ["'inputs' of step 'next'", 'column']],
  ['outputs to no text', withStep({ outputs: { a: 1 } }), ["'outputs' of step 'next'", 'column']],
  ['a module that is no text', withStep({ module: 1 }), ["'module' of step 'next' is 1", 'a text']],
  ['an export that is no text', withStep({ export: null }), ["'export' of step 'next' is null"]],
  ['a queue that is no text', withStep({ taskQueue: {} }), ["'taskQueue' of step 'next' is {}"]],
])('a spec with %s gets one sentence', (_, value, essentials) => {
  const error = errorOf(() => parsePipelineSpec(value, 'f.yaml'))
  expect(error.code).toBe('spec-invalid')
  expect(error.verdict).toBe('invalid')
  for (const essential of essentials) expect(error.message).toContain(essential)
  expect(error.message).toMatch(/[.?]$/)
})

test('two steps of one name are refused by name', () => {
  const error = errorOf(() => parsePipelineSpec(withSteps(load, load), 'f.yaml'))
  expect(error.code).toBe('step-name-taken')
  expect(error.message).toContain("Two steps are named 'load'; give each")
})

test('an edge to nowhere is refused with the nearest name', () => {
  const error = errorOf(() => parsePipelineSpec(withStep({ after: ['lode'] }), 'f.yaml'))
  expect(error.code).toBe('edge-unknown')
  expect(error.message).toContain("Step 'next' comes after 'lode'")
  expect(error.message).toContain("Did you mean 'load'?")
})

test('a cycle is refused with the steps on it and without those behind it', () => {
  const error = errorOf(() =>
    parsePipelineSpec(
      withSteps(
        load,
        { name: 'behind', type: 'X', after: ['a'] },
        { name: 'a', type: 'X', after: ['load', 'c'] },
        { name: 'b', type: 'X', after: ['a'] },
        { name: 'c', type: 'X', after: ['b'] },
      ),
      'f.yaml',
    ),
  )
  expect(error.code).toBe('cycle')
  expect(error.message).toBe(
    "Steps 'b', 'c', 'a' wait for each other; break the cycle in their 'after'.",
  )
})

test('a step that comes after itself is refused', () => {
  const error = errorOf(() => parsePipelineSpec(withStep({ after: ['next'] }), 'f.yaml'))
  expect(error.code).toBe('cycle')
  expect(error.message).toContain("Step 'next' comes after itself")
})

test('steps that are in order stay in it, also where branches are of different lengths', () => {
  const steps = [
    { name: 'load' },
    { name: 'a1', after: ['load'] },
    { name: 'a2', after: ['a1'] },
    { name: 'a3', after: ['a2'] },
    { name: 'b1', after: ['load'] },
    { name: 'join', after: ['a3', 'b1'] },
  ]
  expect(orderSteps(steps)).toEqual(steps)
})

test('ordered steps come after those that they read, and each is there once', () => {
  fc.assert(
    fc.property(shuffledDag(), (steps) => {
      const ordered = orderSteps(steps)
      expect(ordered.map(({ name }) => name).toSorted()).toEqual(
        steps.map(({ name }) => name).toSorted(),
      )
      const seen = new Set<string>()
      for (const { name, after } of ordered) {
        for (const other of after) expect(seen).toContain(other)
        seen.add(name)
      }
    }),
  )
})

test.each([
  [5, "The 'rows' of pipeline 'x' are 5; they take { accepted, atMost }"],
  [{ accepted: 5 }, "The 'rows' of pipeline 'x' lack 'atMost'; they take { accepted, atMost }"],
  [{ accepted: 5, atmost: 6 }, "has an unknown member 'atmost'. Did you mean 'atMost'?"],
  [{ accepted: 0, atMost: 6 }, "'accepted' and 'atMost' both take a whole number of 1 or more."],
])('a wrong number of rows is told in a sentence: %j', (rows, message) => {
  const steps = [{ name: 'load', type: 'LoadDataFromDicts' }]
  const error = errorOf(() => parsePipelineSpec({ version: 1, name: 'x', rows, steps }, 'x.json'))
  expect(error).toMatchObject({ code: 'spec-invalid', message: expect.stringContaining(message) })
})

test('a chain of thousands of steps, declared from its end, is put in order', () => {
  const chain = Array.from({ length: 2_000 }, (_, index) => ({
    name: `s${index}`,
    after: index === 0 ? [] : [`s${index - 1}`],
  }))
  expect(orderSteps(chain.toReversed())).toEqual(chain)
})

function shuffledDag(): fc.Arbitrary<{ name: string; after: string[] }[]> {
  return fc
    .array(fc.array(fc.nat(30), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
    .map((edges) =>
      edges.map((befores, index) => ({
        name: `s${index}`,
        after: index === 0 ? [] : befores.map((before) => `s${before % index}`),
      })),
    )
    .chain((steps) =>
      fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length }),
    )
}
