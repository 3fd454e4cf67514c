import { expect, test } from 'vitest'

import { conversationTemplate } from '../../../src/steps/formats/conversation-template.ts'
import { rowsOf, runOneStep } from '../run-one-step.ts'

test('an instruction and its response become a conversation', async () => {
  const rows = await rowsOf(conversationTemplate(), [
    { id: 1, instruction: 'Why?', response: 'So.' },
  ])
  expect(rows).toEqual([
    {
      id: 1,
      instruction: 'Why?',
      response: 'So.',
      conversation: [
        { role: 'user', content: 'Why?' },
        { role: 'assistant', content: 'So.' },
      ],
    },
  ])
})

test('a row without a response is rejected', async () => {
  const data = [{ instruction: 'Why?', response: null }]
  const { rejected } = await runOneStep(conversationTemplate(), data)
  expect(rejected).toMatchObject([
    { code: 'input-invalid', reason: expect.stringContaining("'response'") },
  ])
})
