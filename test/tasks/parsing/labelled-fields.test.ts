import fc from 'fast-check'
import { expect, test } from 'vitest'

import { labelledFields } from '../../../src/tasks/parsing/labelled-fields.ts'

const read = (text: string) =>
  labelledFields(text, ['Rating', 'Rationale']).map(({ label, value }) => [label, value])

test.each([
  'Rating: 4\nRationale: Good.',
  'rating : 4\nRATIONALE: Good.',
  '**Rating:** 4\n**Rationale:** Good.',
  '**Rating**: 4\n**Rationale**: Good.',
  '**Rating: 4**\n**Rationale: Good.**',
  '- **Rating:** 4\n- **Rationale:** Good.',
  '* Rating: 4\n* Rationale: Good.',
  '1. Rating: 4\n2. Rationale: Good.',
  '> Rating: 4\n> Rationale: Good.',
  '`Rating`: 4\n`Rationale`: Good.',
  '### Rating\n4\n\n### Rationale\nGood.',
  '**Rating**\n4\n**Rationale**\nGood.',
  'Rating (1-5): 4\nRationale [short]: Good.',
  'Rating：4\nRationale： Good.',
  'Rating:\n\n4\n\nRationale:\n\nGood.\n\n---',
  'Here it is.\nRating: 4\nRationale: Good.\n***',
  '```\nRating: 4\nRationale: Good.\n```',
])('%j has a rating and its rationale', (text) => {
  expect(read(text)).toEqual([
    ['Rating', '4'],
    ['Rationale', 'Good.'],
  ])
})

test('a value goes on up to the next label, with its own markdown', () => {
  const text = 'Rationale: It is **bold**:\n\n- a\n- b\n\n```js\nx\n```\nRating: **4**'
  expect(read(text)).toEqual([
    ['Rationale', 'It is **bold**:\n\n- a\n- b\n\n```js\nx\n```'],
    ['Rating', '**4**'],
  ])
})

test.each([
  'The rating: 4',
  'Ratings: 4',
  'Rating',
  'Rating is 4.',
  'Rating - 4',
  'Overall rating: 4',
  'Rating 4: good',
])('the line %j begins no field', (line) => {
  expect(read(line)).toEqual([])
})

test('a label that comes again is a field again', () => {
  expect(read('Rating: 4\nRating: 5').map(([, value]) => value)).toEqual(['4', '5'])
})

test('fields of any plain text are found as they were written', () => {
  const value = fc.stringMatching(/^[a-z0-9.,:;()/ ]{0,30}$/).map((text) => text.trim())
  const mark = fc.constantFrom(
    (label: string) => `${label}: `,
    (label: string) => `**${label}:** `,
    (label: string) => `- __${label}__: `,
    (label: string) => `## ${label.toUpperCase()}\n`,
  )
  const field = fc.tuple(fc.constantFrom('Rating', 'Rationale'), value, mark)
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const text = fields.map(([label, value, write]) => write(label) + value).join('\n')
      expect(read(text)).toEqual(fields.map(([label, value]) => [label, value]))
    }),
  )
})
