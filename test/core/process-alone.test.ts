import { expect, test } from 'vitest'
import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { createRandom } from '../../src/core/random.ts'
import { hashText } from '../../src/core/hash.ts'
import { showPrompt } from '../../src/core/process-alone.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { keepColumnsDefinition } from '../../src/steps/columns/keep-columns.ts'
import type { StepDefinition } from '../../src/core/step.ts'
import { textGeneration } from '../../src/tasks/text-generation.ts'
import { errorOf, rejectionOf } from './error-of.ts'

const shout = defineTask({
  type: 'Shout',
  params: z.object({ mark: z.string().default('!') }),
  inputs: z.object({ word: z.string() }),
  outputs: z.object({ loud: z.string() }),
  formatInput: ({ word }, { params, random }) => [user(`${word}${params.mark} ${random()}`)],
  formatOutput(text) {
    if (text.includes('BAD')) throw new Error('It was bad.')
    return { loud: text }
  },
  example: ({ word }, { params }) => `${word.toUpperCase()}${params.mark}`,
})
const llm = simulated()

test('a task runs alone over rows, in order, and keeps their other columns', async () => {
  const rows = await shout({ llm }).process([
    { word: 'hey', id: 1 },
    { word: 'you', id: 2 },
  ])
  expect(rows).toEqual([
    { word: 'hey', id: 1, loud: 'HEY!', model_name: 'simulated' },
    { word: 'you', id: 2, loud: 'YOU!', model_name: 'simulated' },
  ])
})

test('a task that runs alone once went without the defaults of its parameters', async () => {
  const [row] = await textGeneration({ llm }).process([{ instruction: 'Why?' }])
  expect(row?.generation).toBe('This is a simulated answer to: Why?')
  expect(textGeneration({ llm }).print({ instruction: 'Why?' })).toBe('[user]\nWhy?')
})

test('no rows are no work', async () => {
  expect(await shout({ llm }).process([])).toEqual([])
})

test('a row that is rejected ends it, with the place of the row', async () => {
  const error = await rejectionOf(shout({ llm }).process([{ word: 'good' }, { word: 'bad' }]))
  expect(error.code).toBe('output-invalid')
  expect(error.message).toBe('Row 1: It was bad (asked 3 times).')
  expect(error.data).toEqual({ origin: '1', raw: 'BAD!' })
})

test('a model without its code is refused with what to do', async () => {
  const plain = { type: 'SimulatedLLM', params: {} }
  const error = await rejectionOf(shout({ llm: plain }).process([{ word: 'hey' }]))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("Task 'Shout' has no live model")
  expect(error.message).toContain('openai({ model })')
})

test('an unknown parameter is refused', async () => {
  const params = { llm, marks: '?' }
  const error = await rejectionOf(shout(params).process([{ word: 'hey' }]))
  expect(error.code).toBe('parameter-unknown')
  expect(error.message).toContain("Did you mean 'mark'?")
})

test('random numbers are those that a run gives the row, also for a row that is there twice', async () => {
  const rows = [{ word: 'hey' }, { word: 'hey' }]
  const asked = await shout({ llm, addRawInput: true }).process(rows)
  const drawn = asked.map((row) => {
    const [message] = Object.entries(row).flatMap(([name, value]) =>
      name === 'raw_input_Shout' && Array.isArray(value) ? (value as { content: string }[]) : [],
    )
    return message?.content.split(' ')[1]
  })
  const expected = [0, 1].map((occurrence) => {
    const identity = hashText(`{"word":"hey"}#${occurrence}`).slice(0, 32)
    return String(createRandom(0, 'Shout', identity)())
  })
  expect(drawn).toEqual(expected)
})

test('a prompt is printed for a row, or with placeholders', () => {
  expect(shout({ llm, mark: '?' }).print({ word: 'hey' })).toMatch(/^\[user\]\nhey\? 0\.\d+$/)
  expect(shout({ llm }).print()).toMatch(/^\[user\]\n<word>! /)
  const shown = textGeneration({
    llm,
    systemPrompt: 'Be brief.',
    columns: ['topic', 'tags'],
    template: '{{ topic }}: {{ tags }}',
  }).print({ topic: 'tea', tags: 'hot' })
  expect(shown).toBe('[system]\nBe brief.\n\n[user]\ntea: hot')
})

test('a step that asks no model has no prompt', () => {
  // Only the type of its parameters is erased.
  const definition = keepColumnsDefinition as unknown as StepDefinition
  const error = errorOf(() => showPrompt(definition, { columns: ['a'] }))
  expect(error.code).toBe('usage')
  expect(error.message).toContain("'KeepColumns' asks no model")
})
