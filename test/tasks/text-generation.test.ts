import { expect, test } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { contractOf } from '../../src/core/resolve-columns.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { textGenerationDefinition as definition } from '../../src/tasks/text-generation.ts'
import { errorOf } from '../core/error-of.ts'

const llm = { type: 'SimulatedLLM', params: {} }
const paramsOf = (params: StepSpec['params'] = {}) =>
  resolveParams(definition, { name: 'ask', type: 'TextGeneration', params: { llm, ...params } })
    .params
const promptOf = (row: Row, params: StepSpec['params'] = {}) =>
  definition.prompt?.(row, paramsOf(params), { seed: 0, identity: 'x' })
const holds = (row: Row, params: StepSpec['params'] = {}) => {
  const checked = definition.rowSchema?.(paramsOf(params))['~standard'].validate(row)
  return checked !== undefined && !(checked instanceof Promise) && checked.issues === undefined
}

test('it asks with the instruction alone', () => {
  expect(promptOf({ instruction: 'Why?' })).toEqual([{ role: 'user', content: 'Why?' }])
})

test('the system prompt of the step stands before the question', () => {
  expect(promptOf({ instruction: 'Why?' }, { systemPrompt: 'Be brief.' })).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
  ])
})

test("a row's own system prompt wins, an empty one does not", () => {
  const systemPromptOf = (own: unknown) =>
    promptOf({ instruction: 'Why?', system_prompt: own }, { systemPrompt: 'Be brief.' })?.[0]
  expect(systemPromptOf('Be long.')).toEqual({ role: 'system', content: 'Be long.' })
  for (const own of ['', null, undefined])
    expect(systemPromptOf(own)).toEqual({ role: 'system', content: 'Be brief.' })
})

test('a template takes the columns that are named', () => {
  const params = { template: '{{ topic }} for {{ readers[0] }}', columns: ['topic', 'readers'] }
  expect(promptOf({ topic: 'Tea', readers: ['cats'] }, params)?.[0]?.content).toBe('Tea for cats')
  expect(contractOf(definition, paramsOf(params), 'ask')).toMatchObject({
    reads: { topic: {}, readers: {}, system_prompt: {} },
    optional: ['system_prompt'],
  })
})

test('one column may be named without a list', () => {
  const params = { template: '{{ topic }}!', columns: 'topic' }
  expect(promptOf({ topic: 'Tea' }, params)?.[0]?.content).toBe('Tea!')
})

test('an instruction is a text, other columns are whatever the template makes of them', () => {
  expect(holds({ instruction: 'Why?' })).toBe(true)
  for (const row of [{}, { instruction: 5 }, { instruction: null }]) expect(holds(row)).toBe(false)
  const params = { template: '{{ n }}', columns: 'n' }
  for (const n of ['x', 0, false, [], {}]) expect(holds({ n }, params)).toBe(true)
  for (const row of [{}, { n: null }]) expect(holds(row, params)).toBe(false)
  expect(holds({ instruction: 'Why?', system_prompt: 5 })).toBe(false)
})

test('a named system prompt was once not asked for in the rows', () => {
  const params = { template: '{{ system_prompt }}', columns: 'system_prompt' }
  expect(contractOf(definition, paramsOf(params), 'ask').optional).toEqual([])
  expect(holds({ system_prompt: 'x' }, params)).toBe(true)
  expect(holds({ system_prompt: null }, params)).toBe(false)
})

test.each<[what: string, params: StepSpec['params'], code: string, essential: string]>([
  [
    'a column that is not named',
    { template: '{{ topic }}' },
    'template-invalid',
    "Name it in the parameter 'columns'",
  ],
  ['an unused column', { columns: ['instruction', 'topic'] }, 'template-invalid', "'topic'"],
  ['a broken template', { template: '{{' }, 'template-invalid', 'does not parse'],
  [
    'a column that is named twice',
    { columns: ['instruction', 'instruction'] },
    'parameter-invalid',
    'names a column twice',
  ],
  ['no columns', { columns: [] }, 'parameter-invalid', "'columns'"],
  ['another way with cut-off answers', { onCutOff: 'drop' }, 'parameter-invalid', "'onCutOff'"],
])('%s is refused', (_, params, code, essential) => {
  const error = errorOf(() => paramsOf(params))
  expect(error.code).toBe(code)
  expect(error.message).toContain("'ask'")
  expect(error.message).toContain(essential)
})
