import { expect, test } from 'vitest'

import { plainLine } from '../../../src/tasks/parsing/plain-line.ts'

test.each([
  ['  Why?  ', 'Why?'],
  ['**Why?**', 'Why?'],
  ['***Why?***', 'Why?'],
  ['__Why?__', 'Why?'],
  ['_Why?_', 'Why?'],
  ['`Why?`', 'Why?'],
  ['"Why?"', 'Why?'],
  ['“Why?”', 'Why?'],
  ['«Why?»', 'Why?'],
  ['**"Why?"**', 'Why?'],
  ['"**Why?**"', 'Why?'],
  ['## Why?', 'Why?'],
  ['> - Why?', 'Why?'],
  ['Why?**', 'Why?'],
  ['**Why?', 'Why?'],
  ['Is **this** so?', 'Is this so?'],
  ['**This:** is it so?', 'This: is it so?'],
  ['', ''],
  ['**', ''],
])('%j is plainly %j', (line, plain) => {
  expect(plainLine(line)).toBe(plain)
})

test.each([
  'What is 2**3**4?',
  'What is 2 ** 3 ** 4?',
  'Use `a * b` here',
  '`a` or `b`?',
  '"a" or "b"?',
  '*a* or *b*?',
  '_a_b_',
  '__init__ or __main__',
  '#1 hit of 1999?',
  '-5 degrees: cold?',
  'snake_case_name',
  'A [link](https://example.org)?',
])('%j stays as it is', (line) => {
  expect(plainLine(line)).toBe(line)
})
