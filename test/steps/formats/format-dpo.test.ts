import { expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import { verdictOf } from '../../../src/core/errors.ts'
import { hashText } from '../../../src/core/hash.ts'
import { formatChatGenerationDPO } from '../../../src/steps/formats/format-chat-generation-dpo.ts'
import { formatTextGenerationDPO } from '../../../src/steps/formats/format-text-generation-dpo.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const asked = { role: 'user', content: 'Why?' }
const answered = (content: unknown) => ({ role: 'assistant', content })
const rated = (generations: readonly unknown[], ratings: readonly unknown[], more: Row = {}) => ({
  instruction: 'Why?',
  generations,
  ratings,
  ...more,
})
async function rejectionOf(row: Row) {
  const { rows, rejected } = await runOneStep(formatTextGenerationDPO(), [row])
  expect(rows).toEqual([])
  return rejected[0]
}

test('the best and the worst answer make a pair', async () => {
  const generation_models = ['m1', 'm2', 'm3']
  const row = rated(['a', 'b', 'c'], [2, 4.5, 1], { generation_models, system_prompt: 'Be kind.' })
  const [made] = await rowsOf(formatTextGenerationDPO(), [row])
  const messages = [{ role: 'system', content: 'Be kind.' }, asked]
  expect(made).toEqual({
    ...row,
    prompt: 'Why?',
    prompt_id: hashText('Why?'),
    chosen: [...messages, answered('b')],
    chosen_model: 'm2',
    chosen_rating: 4.5,
    rejected: [...messages, answered('c')],
    rejected_model: 'm3',
    rejected_rating: 1,
  })
})

test('of several that are equally good or bad, the first is taken', async () => {
  const [made] = await rowsOf(formatTextGenerationDPO(), [
    rated(['a', 'b', 'c', 'd'], [1, 3, 3, 1]),
  ])
  expect(made).toMatchObject({
    chosen: [asked, answered('b')],
    rejected: [asked, answered('a')],
    chosen_model: null,
    rejected_model: null,
  })
})

test('a conversation gets both answers, and its first question is the prompt', async () => {
  const messages = [asked, answered('So.'), { role: 'user', content: 'Really?' }]
  const data = [
    { messages, generations: ['No.', 'Yes.'], ratings: [1, 2], generation_models: null },
  ]
  const [made] = await rowsOf(formatChatGenerationDPO(), data)
  expect(made).toMatchObject({
    messages,
    prompt: 'Why?',
    chosen: [...messages, answered('Yes.')],
    rejected: [...messages, answered('No.')],
  })
  const silent = [{ messages: [answered('So.')], generations: ['a', 'b'], ratings: [1, 2] }]
  expect((await runOneStep(formatChatGenerationDPO(), silent)).rejected).toMatchObject([
    { code: 'input-invalid', reason: "Column 'messages' holds no message of a user." },
  ])
})

test('ratings that are all the same make no pair: the row is rejected as a tie', async () => {
  expect(await rejectionOf(rated(['a', 'b', 'c'], [3, null, 3]))).toEqual({
    origin: '0',
    code: 'tie',
    reason: 'All 2 rated generations have the rating 3, so that none is preferred.',
  })
  expect(verdictOf('tie')).toBe('reject')
})

test('answers without a rating, and ratings without an answer, are left out', async () => {
  const row = rated(['a', 'b', 'c', null], [null, 2, 1, 9])
  const [made] = await rowsOf(formatTextGenerationDPO(), [row])
  expect(made).toMatchObject({ chosen: [asked, answered('b')], rejected: [asked, answered('c')] })
})

test.each([
  [rated(['a', 'b'], [null, 2]), 'The row has 1 generations with a rating; a pair takes two.'],
  [rated([], []), 'The row has 0 generations with a rating; a pair takes two.'],
  [
    rated(['a', 'b'], [1, 2, 3]),
    'The row has 2 generations, 3 ratings; there must be one for each.',
  ],
  [
    rated(['a', 'b'], [1, 2], { generation_models: ['m'] }),
    'The row has 2 generations, 2 ratings and 1 generation_models; there must be one for each.',
  ],
  [rated(['a', 'b'], ['1', '2']), "Column 'ratings' does not hold for step 'it'"],
])('a row that makes no pair is rejected: %j', async (row, reason) => {
  expect(await rejectionOf(row)).toMatchObject({
    code: 'input-invalid',
    reason: expect.stringContaining(reason),
  })
})

test('the models and the system prompt need not be there, all else must', () => {
  const { columns } = planOneStep(formatTextGenerationDPO(), [rated(['a'], [1])])
  expect(Object.keys(columns)).toEqual([
    'instruction',
    'generations',
    'ratings',
    'prompt',
    'prompt_id',
    'chosen',
    'chosen_model',
    'chosen_rating',
    'rejected',
    'rejected_model',
    'rejected_rating',
  ])
  const error = errorOf(() =>
    planOneStep(formatTextGenerationDPO(), [{ instruction: 'Why?', generations: ['a'] }]),
  )
  expect(error.code).toBe('column-missing')
  expect(error.message).toContain("'ratings'")
})
