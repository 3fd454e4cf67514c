import { stripVTControlCharacters } from 'node:util'

import { expect, test } from 'vitest'

import { rowText } from '../../src/cli/row-text.ts'

const shown = (row: Readonly<Record<string, unknown>>) =>
  stripVTControlCharacters(rowText(row, 'row 0'))

test('short values stand beside their columns, long texts below them', () => {
  expect(shown({ id: 7, text: 'one\ntwo', none: null, list: [1, { a: 'b' }] })).toBe(`── row 0 ──
id    7
text
    one
    two
none  null
list  [1,{"a":"b"}]

`)
})

test('lists and objects with long texts are laid out', () => {
  expect(shown({ messages: [{ role: 'user', content: 'one\ntwo' }] })).toBe(`── row 0 ──
messages
    [0]
        role: user
        content:
            one
            two

`)
})

test('what would make a terminal do something is escaped, and nothing is cut', () => {
  const long = 'x'.repeat(5_000)
  expect(rowText({ text: `\u001b[2J${long}` }, 'row 0')).toContain(`\\x1b[2J${long}`)
})
