import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parsePipelineSpec, reservedStepNames } from '../../src/core/spec.ts'
import { pipelineSpecSchema } from '../../src/core/spec-schema.ts'

const validate = new Ajv2020().compile({ ...pipelineSpecSchema })

function parses(value: unknown): boolean {
  try {
    parsePipelineSpec(value, 'x')
    return true
  } catch {
    return false
  }
}

const name = fc
  .stringMatching(/^[A-Za-z0-9._-]{1,20}$/)
  .filter((text) => !/^\.+$/.test(text) && !reservedStepNames.includes(text))
const json = fc.jsonValue() as fc.Arbitrary<unknown>
const columnNames = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })
const step = fc.record(
  {
    name,
    type: fc.string(),
    params: fc.dictionary(fc.string(), json, { maxKeys: 3 }),
    inputs: columnNames,
    outputs: columnNames,
    module: fc.string(),
    export: fc.string(),
    taskQueue: fc.string(),
  },
  { requiredKeys: ['name', 'type'] },
)
const spec = fc.record(
  {
    version: fc.constant(1),
    name,
    seed: fc.maxSafeInteger(),
    steps: fc
      .uniqueArray(step, { minLength: 1, maxLength: 5, selector: (each) => each.name })
      .chain((steps) =>
        fc.array(fc.nat(20), { minLength: steps.length, maxLength: steps.length }).map((befores) =>
          steps.map((each, index) => {
            const before = steps[(befores[index] ?? 0) % Math.max(1, index)]
            return index === 0 ? each : { ...each, after: [before?.name] }
          }),
        ),
      ),
  },
  { requiredKeys: ['version', 'name', 'steps'] },
)

test('what the parser takes, the schema takes', () => {
  fc.assert(
    fc.property(spec, (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect(parses(plain)).toBe(true)
      expect(validate(plain), JSON.stringify(validate.errors)).toBe(true)
    }),
  )
})

/** Members that are wrong, or whose value may be. */
const members = ['version', 'name', 'seed', 'steps', 'seeds']
const stepMembers = [
  'name',
  'type',
  'params',
  'inputs',
  'outputs',
  'module',
  'export',
  'taskQueue',
  'kind',
]
const badValue = fc.oneof(
  json,
  fc.constantFrom('', '.', '..', 'rejected', 'a b', 'README.md', 1.5, 2 ** 53, 1e300, -0, [], {}),
)

test('what is wrong in structure is refused by parser and schema alike', () => {
  fc.assert(
    fc.property(
      spec,
      fc.constantFrom(...members),
      fc.option(badValue, { nil: undefined }),
      (value, member, bad) => {
        const mutated: unknown = JSON.parse(JSON.stringify({ ...value, [member]: bad }))
        expect(validate(mutated)).toBe(parses(mutated))
      },
    ),
    { numRuns: 500 },
  )
})

test('what is wrong in the structure of a step is refused by parser and schema alike', () => {
  fc.assert(
    fc.property(
      step,
      fc.constantFrom(...stepMembers),
      fc.option(badValue, { nil: undefined }),
      (value, member, bad) => {
        const steps = [{ ...value, [member]: bad }]
        const mutated: unknown = JSON.parse(JSON.stringify({ version: 1, name: 'x', steps }))
        expect(validate(mutated)).toBe(parses(mutated))
      },
    ),
    { numRuns: 1_000 },
  )
})

test.each([['load'], [1], { 0: 'load' }, null, 'load', ['load', null]])(
  'an after of %j is judged by parser and schema alike',
  (after) => {
    const steps = [
      { name: 'load', type: 'X' },
      { name: 'next', type: 'Y', after },
    ]
    const value = { version: 1, name: 'x', steps }
    expect(validate(value)).toBe(parses(value))
  },
)

test('what a model is named by is known, and a parameter of its name may be something else', () => {
  const judged = (llm: unknown) =>
    validate({
      version: 1,
      name: 'x',
      steps: [{ name: 'ask', type: 'TextGeneration', params: { llm } }],
    })
  expect(judged({ type: 'Own', module: './own.ts', export: 'own', limits: {} })).toBe(true)
  expect(judged('a text')).toBe(true)
  expect(judged({ type: 'Own', module: 5 })).toBe(false)
  expect(judged({ type: 'OpenAILLM', limits: { maxConcurrency: 'many' } })).toBe(false)
})
