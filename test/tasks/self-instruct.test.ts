import { expect, test } from 'vitest'

import { resolveParams } from '../../src/core/resolve-params.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { selfInstruct, selfInstructDefinition } from '../../src/tasks/self-instruct.ts'
import { errorOf } from '../core/error-of.ts'
import { taskAnswer, taskRefusal } from './task-answer.ts'

const llm = simulated()
const row = { input: 'Bees live in colonies.' }

test('the prompt shows criteria, application and context, and asks for five', () => {
  const printed = selfInstruct({ llm }).print(row)
  for (const part of [
    'Write 5 queries',
    '- Vary what',
    'AI assistant',
    '1. <query>\n…\n5. <query>',
  ])
    expect(printed).toContain(part)
  expect(printed).toContain('<context>\nBees live in colonies.\n</context>')
})

test('what is asked for is up to the parameters', () => {
  const printed = selfInstruct({
    llm,
    numInstructions: 1,
    criteriaForQueryGeneration: '- In verse.',
    applicationDescription: 'A helpline for beekeepers',
  }).print(row)
  for (const part of ['Write one query', '- In verse.', 'A helpline for beekeepers'])
    expect(printed).toContain(part)
  expect(printed).not.toContain('Vary what')
})

test('an answer becomes a list of instructions', async () => {
  const text = 'Here you are:\n\n1. **Why?**\n2. "How?"'
  expect(await taskAnswer(selfInstructDefinition, { numInstructions: 2 }, row, text)).toEqual({
    instructions: ['Why?', 'How?'],
    model_name: 'canned',
  })
})

test.each([
  ['1. a\n2. b\n3. c\n4. d', 'The answer has 4 items; it must have 5'],
  ['1. a\n2. b\n3. c\n4. d\n5. e\n6. f', 'The answer has 6 items; it must have 5'],
  ['', 'The answer has 0 items; it must have 5'],
])('another number of instructions is no answer: %j', async (text, message) => {
  expect(await taskRefusal(selfInstructDefinition, {}, row, text)).toContain(message)
})

test.each([0, 1.5, '5', null])('%j instructions cannot be asked for', (numInstructions) => {
  const params = { llm: { ...llm }, numInstructions }
  const step = { name: 'ask', type: 'SelfInstruct', params } as never
  const error = errorOf(() => resolveParams(selfInstructDefinition, step))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("'numInstructions'")
})

test.each(['', 'Bees.', '1. a\n2. **b**\n\n- "c"', 'x'.repeat(500), '# 世界\n'.repeat(90)])(
  'a simulated model gives different instructions about %j, always the same',
  async (input) => {
    const task = selfInstruct({ llm, numInstructions: 20 })
    const [made] = await task.process([{ input }])
    expect(new Set(made?.instructions).size).toBe(20)
    expect(await task.process([{ input: 'other' }, { input }])).toEqual([expect.anything(), made])
  },
)
