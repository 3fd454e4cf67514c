import { expect, test } from 'vitest'

import { splitThoughts } from '../../src/core/think-tags.ts'

test.for<readonly [string, string, string]>([
  ['<think>\nHm.\n</think>\n\nYes', 'Yes', 'Hm.'],
  ['  <thinking>Hm.</thinking>Yes', 'Yes', 'Hm.'],
  ['<THOUGHT>Hm.</thought> Yes', 'Yes', 'Hm.'],
  ['[THINK]Hm.[/THINK]Yes', 'Yes', 'Hm.'],
  ['<think>a <b>b</b></think>Yes </think> no', 'Yes </think> no', 'a <b>b</b>'],
])('what stands in tags in front of a text was thought: %s', ([given, text, reasoning]) => {
  expect(splitThoughts(given)).toEqual({ text, reasoning })
})

test('an end of thoughts on a line of its own is enough, since templates begin them', () => {
  expect(splitThoughts('Hm.\nSo yes.\n</think>\n\nYes')).toEqual({
    text: 'Yes',
    reasoning: 'Hm.\nSo yes.',
  })
})

test('thoughts that do not end leave no text', () => {
  expect(splitThoughts('<think>Hm, and then')).toEqual({ text: '', reasoning: 'Hm, and then' })
})

test('empty thoughts are none', () => {
  expect(splitThoughts('<think>\n\n</think>\n\nYes')).toEqual({ text: 'Yes' })
})

test.for([
  'Yes',
  '',
  '  Yes\n',
  'Use <think> and </think>, like this.',
  'An answer.\n<think>Not in front.</think>',
])('any other text stays as it is: %o', (text) => {
  expect(splitThoughts(text)).toEqual({ text })
})

test('a text of megabytes takes no time', () => {
  const text = `${'  x '.repeat(500_000)}\n${' '.repeat(500_000)}x`
  const begun = performance.now()
  expect(splitThoughts(text).text).toHaveLength(text.length)
  expect(performance.now() - begun).toBeLessThan(2000)
})
