import { expect, test } from 'vitest'

import { answerText } from '../../../src/tasks/parsing/answer-text.ts'

test.each([
  ['as it is', '\n \n a\nb \n', ' a\nb'],
  ['line ends of Windows', 'a\r\nb\rc', 'a\nb\nc'],
  ['a mark of the byte order', '\uFEFFa\u200B', 'a'],
  ['thoughts', '<think>\n1. x\n</think>\n\na', 'a'],
  ['thoughts by another name', ' <Thinking>x</Thinking>a', 'a'],
  ['thoughts that a template opened', 'hm, x\n</think>\na', 'a'],
  ['a fence', '```\na\nb\n```', 'a\nb'],
  ['a fence with a language', '```json\n[1]\n```\n', '[1]'],
  ['a fence within', 'a\n```\nb\n```', 'a\n```\nb\n```'],
  ['two fences', '```\na\n```\nb\n```\nc\n```', '```\na\n```\nb\n```\nc\n```'],
  ['a mention of thoughts', 'It leaks a </think> tag.', 'It leaks a </think> tag.'],
  ['a mention behind thoughts', '<think>x</think>a <think>', 'a <think>'],
  ['nothing', ' \n', ''],
])('an answer is freed of what surrounds it: %s', (_, text, expected) => {
  expect(answerText(text)).toBe(expected)
})

test('an answer that never comes to an end of its thoughts is none', () => {
  expect(() => answerText('<think>1. Why?')).toThrow('The answer ends within its thoughts.')
})
