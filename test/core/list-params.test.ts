import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineGenerator, defineStep } from '../../src/core/define-step.ts'
import { listParams } from '../../src/core/list-params.ts'
import type { SettableParam } from '../../src/core/list-params.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { textGenerationDefinition } from '../../src/tasks/text-generation.ts'

const trim = defineStep({
  type: 'Trim',
  params: z.object({
    length: z.int().default(10).describe('Most characters.'),
    mode: z.enum(['start', 'end']),
    marks: z.object({ open: z.string().default('('), close: z.string() }).optional(),
  }),
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ short: z.string() }),
  *process() {},
}).definition

test("a step's own parameters are listed with path, type, value and default, and what every step has behind them", () => {
  const params = { mode: 'end', marks: { close: ')' } }
  expect(listParams(trim, { name: 'trim', type: 'Trim', params }, undefined)).toEqual([
    {
      path: 'trim.length',
      type: 'integer',
      default: 10,
      isRequired: false,
      description: 'Most characters.',
    },
    { path: 'trim.mode', type: "'start' | 'end'", value: 'end', isRequired: true },
    { path: 'trim.marks.open', type: 'string', default: '(', isRequired: false },
    { path: 'trim.marks.close', type: 'string', value: ')', isRequired: false },
    {
      path: 'trim.inputBatchSize',
      type: 'integer',
      default: 50,
      isRequired: false,
      description: expect.any(String),
    },
  ])
})

test('a task has the parameters of all tasks and those of its model', () => {
  const llm = { type: 'OpenAILLM', params: { model: 'm' }, limits: { maxConcurrency: 4 } }
  const found = listParams(
    textGenerationDefinition,
    { name: 'ask', type: 'TextGeneration', params: { llm, numGenerations: 2 } },
    builtInRegistry.models.get('OpenAILLM')?.definition.params,
  )
  const at = (path: string): SettableParam | undefined => found.find((param) => param.path === path)
  expect(at('ask.numGenerations')).toMatchObject({ type: 'integer', value: 2, default: 1 })
  expect(at('ask.llm.params.model')).toMatchObject({ type: 'string', value: 'm', isRequired: true })
  expect(at('ask.llm.params.generationKwargs.temperature')).toMatchObject({
    type: 'number',
    isRequired: false,
    description: expect.stringContaining('Randomness'),
  })
  expect(at('ask.llm.limits.maxConcurrency')).toMatchObject({ type: 'integer', value: 4 })
  expect(at('ask.llm.prices.inputUsdPerMillion')).toMatchObject({ type: 'number' })
  expect(new Set(found.map(({ path }) => path)).size).toBe(found.length)
})

test('a generator has no batch size, and no parameters where its definition names none', () => {
  const none = defineGenerator({ type: 'None', outputs: z.object({}), *generate() {} }).definition
  expect(listParams(none, { name: 'load', type: 'None' }, undefined)).toEqual([])
})
