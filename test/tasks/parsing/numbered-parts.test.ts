import fc from 'fast-check'
import { expect, test } from 'vitest'

import { numberedParts } from '../../../src/tasks/parsing/numbered-parts.ts'

const trimmed = (text: string, count: number) =>
  numberedParts(text, 'text', count).map((part) => part.trim())

test.each([
  ['### Text 1', '### Text 2'],
  ['Text 1', 'Text 2'],
  ['text 1:', 'TEXT 2 :'],
  ['**Text 1**', '**Text 2:**'],
  ['**Text 1**:', '__Text 2__'],
  ['#### Output for Text 1', '#### Output for Text 2'],
  ['**Evaluation of text 1:**', '**Rating for text 2**'],
  ['<text 1>', '<text 2>'],
  ['[Text 1]', '[Text 2]:'],
  ['1. **Text 1**', '2. **Text 2**'],
  ['- Text 1:', '- Text 2:'],
  ['> ### Text #1', '> ### Text #2'],
  ['  Text1  ', '\tText2'],
  ['## Text 1 ##', '## `Text 2`'],
])('parts stand below %j and %j', (first, second) => {
  expect(trimmed(`Sure!\n\n${first}\na\n\n${second}\nb\n`, 2)).toEqual(['a', 'b'])
})

test('a part may begin on the line of its heading, if that is marked as one', () => {
  expect(trimmed('**Text 1:** a\n<text 2>b\n### Text 3 - c', 3)).toEqual(['a', 'b', 'c'])
})

test('parts are told apart by their numbers, not by their order', () => {
  expect(trimmed('### Text 2\nb\n### Text 1\na', 2)).toEqual(['a', 'b'])
})

test('closing tags are no part of a part', () => {
  expect(trimmed('<text 1>\na\n</text 1>\n<text 2>\nb\n</text>', 2)).toEqual(['a', 'b'])
})

test.each([
  'Text 1 is better than text 2: it is clear.',
  'text 1.5',
  'Texts 1 and 2:',
  'Text 1 & 2:',
  '**Text 1** is better.',
  'Context 1',
  'Text 1st',
  'Text one',
])('the line %j begins no part', (line) => {
  expect(trimmed(`### Text 1\n${line}`, 1)).toEqual([line])
})

test('one part needs no heading', () => {
  expect(trimmed('Rating: 4', 1)).toEqual(['Rating: 4'])
})

test.each([
  ['### Text 1\na', 2, 'The answer has no part for text 2;'],
  ['a\n\nb', 2, 'The answer has no part for text 1;'],
  ['### Text 1\na\n### Text 3\nb', 3, 'The answer has no part for text 2;'],
  ['### Text 1\na\n### Text 3\nb', 2, 'The answer has a part for text 3;'],
  ['### Text 0\na\n### Text 1\nb', 2, 'The answer has a part for text 0;'],
  ['### Text 2\na', 1, 'The answer has a part for text 2;'],
  ['### Text 1\na\n### Text 1\nb', 2, 'The answer has more than one part for text 1;'],
  ['', 2, 'The answer has no part for text 1;'],
])('%j is not an answer for %i texts', (text, count, message) => {
  expect(() => numberedParts(text, 'text', count)).toThrow(
    `${message} write a part for each of 1 to ${count}, below a line '### Text N'.`,
  )
})

test('whatever the order and the marks, each part is that of its number', () => {
  const mark = fc.constantFrom(
    (n: number) => `### Text ${n}`,
    (n: number) => `**text ${n}:**`,
    (n: number) => `<TEXT ${n}>`,
    (n: number) => `Text ${n}`,
  )
  const body = fc.stringMatching(/^[a-z ,.;*()\n]{0,40}$/)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(mark, body, fc.double()), { minLength: 1, maxLength: 9 }),
      (all) => {
        const parts = all.map(([write, text, place], index) => ({
          place,
          text: `${write(index + 1)}\n${text}`,
        }))
        const answer = parts.toSorted((a, b) => a.place - b.place).map(({ text }) => text)
        expect(trimmed(answer.join('\n'), all.length)).toEqual(all.map(([, text]) => text.trim()))
      },
    ),
  )
})
