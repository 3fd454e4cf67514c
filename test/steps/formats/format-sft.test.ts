import { expect, test } from 'vitest'

import { formatChatGenerationSFT } from '../../../src/steps/formats/format-chat-generation-sft.ts'
import { formatTextGenerationSFT } from '../../../src/steps/formats/format-text-generation-sft.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const [asked, answered] = [
  { role: 'user', content: 'Why?' },
  { role: 'assistant', content: 'So.' },
]
/** `printf 'Why?' | sha256sum` */
const idOfWhy = '5d8a995a6fa7cf7c577cc9d49ca9e00d4aee4d0bcd5e2ad5caff27e2a8097276'

test('an instruction and its answer become messages', async () => {
  const [row] = await rowsOf(formatTextGenerationSFT(), [
    { instruction: 'Why?', generation: 'So.', topic: 'x' },
  ])
  expect(row).toEqual({
    instruction: 'Why?',
    generation: 'So.',
    topic: 'x',
    prompt: 'Why?',
    prompt_id: idOfWhy,
    messages: [asked, answered],
  })
})

test("a row's system prompt comes first, unless it is empty", async () => {
  const data = ['Be kind.', '', null, undefined].map((system_prompt) => ({
    instruction: 'Why?',
    generation: 'So.',
    ...(system_prompt === undefined ? {} : { system_prompt }),
  }))
  const rows = await rowsOf(formatTextGenerationSFT(), data)
  expect(rows.map(({ messages }) => messages)).toEqual([
    [{ role: 'system', content: 'Be kind.' }, asked, answered],
    [asked, answered],
    [asked, answered],
    [asked, answered],
  ])
})

test('an answer is added to its conversation, whose first question is the prompt', async () => {
  const messages = [
    { role: 'system', content: 'Be kind.' },
    asked,
    answered,
    { role: 'user', content: 'Really?' },
  ]
  const step = formatChatGenerationSFT()
  const made = await runOneStep(step, [{ messages, generation: 'Yes.' }])
  expect(made.rows[0]?.row).toEqual({
    generation: 'Yes.',
    prompt: 'Why?',
    prompt_id: idOfWhy,
    messages: [...messages, { role: 'assistant', content: 'Yes.' }],
  })
  expect(made.columns['messages']).toMatchObject({
    type: 'array',
    items: { type: 'object', additionalProperties: false },
  })
})

test('a conversation in which no user speaks is rejected', async () => {
  const data = [{ messages: [answered], generation: 'Yes.' }]
  const { rejected } = await runOneStep(formatChatGenerationSFT(), data)
  expect(rejected).toEqual([
    { origin: '0', code: 'input-invalid', reason: "Column 'messages' holds no message of a user." },
  ])
})

test('a row without an answer is rejected', async () => {
  const text = [{ instruction: 'Why?', generation: null }]
  const chat = [{ messages: [asked], generation: null }]
  expect((await runOneStep(formatTextGenerationSFT(), text)).rejected).toHaveLength(1)
  expect((await runOneStep(formatChatGenerationSFT(), chat)).rejected).toHaveLength(1)
})

test('columns that are missing or there already are refused before the run', () => {
  const missing = errorOf(() => planOneStep(formatTextGenerationSFT(), [{ instruction: 'Why?' }]))
  expect(missing.code).toBe('column-missing')
  expect(missing.message).toContain("'generation'")
  const data = [{ instruction: 'Why?', generation: 'So.', messages: [] }]
  const taken = errorOf(() => planOneStep(formatTextGenerationSFT(), data))
  expect(taken.code).toBe('column-taken')
  expect(taken.message).toContain("'messages'")
})
