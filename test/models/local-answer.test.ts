import { expect, test } from 'vitest'

import { prompt, user } from '../../src/core/chat.ts'
import { toLocalAnswer } from '../../src/models/local-answer.ts'

const written = {
  model: 'tiny',
  text: '<think>well</think>\nYes.',
  finishReason: 'stop',
  inputTokens: 3,
  outputTokens: 9,
  countTokens: (text: string) => text.length,
} as const

test('thoughts stand apart from a text and are counted', () => {
  const request = { messages: [user('Is it?')], parameters: {}, sampleIndex: 0 }
  expect(toLocalAnswer(request, written)).toEqual({
    choices: [{ text: 'Yes.', reasoning: 'well', finishReason: 'stop' }],
    usage: { inputTokens: 3, outputTokens: 9, reasoningTokens: 4 },
    model: 'tiny',
  })
})

test('what continues a raw prompt stays as it is', () => {
  const request = { messages: [prompt('Is it?')], parameters: {}, sampleIndex: 0 }
  expect(toLocalAnswer(request, written).choices).toEqual([
    { text: written.text, finishReason: 'stop' },
  ])
})
