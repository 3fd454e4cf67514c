import { expect, test } from 'vitest'

import { truncateTextColumn } from '../../../src/steps/columns/truncate-text-column.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const cut = async (text: string, maxLength: number) => {
  const [row] = await rowsOf(truncateTextColumn({ maxLength }), [{ text }])
  return row?.['text']
}

test('longer texts are cut, others stay as they are', async () => {
  expect(await cut('abcdef', 3)).toBe('abc')
  for (const text of ['abc', 'ab', '']) expect(await cut(text, 3)).toBe(text)
})

test('characters are never cut in half', async () => {
  expect(await cut('😀😀😀', 2)).toBe('😀😀')
  expect(await cut('😀😀', 2)).toBe('😀😀')
  expect(await cut('a😀b', 2)).toBe('a😀')
})

test('8192 characters stay where nothing else is said', async () => {
  const rows = await rowsOf(truncateTextColumn(), [{ text: 'x'.repeat(9000) }])
  expect(rows).toEqual([{ text: 'x'.repeat(8192) }])
})

test('any column can be cut, into itself or into another', async () => {
  const step = truncateTextColumn({ column: 'answer', maxLength: 1 })
  expect(await rowsOf(step, [{ answer: 'yes', text: 'no' }])).toEqual([{ answer: 'y', text: 'no' }])
  const place = { outputs: { answer: 'short' } }
  expect(await rowsOf(step, [{ answer: 'yes' }], place)).toEqual([{ answer: 'yes', short: 'y' }])
})

test('a row without text is rejected', async () => {
  const { rejected } = await runOneStep(truncateTextColumn(), [{ text: 5 }, {}, { text: null }])
  expect(rejected.map(({ code, reason }) => [code, reason])).toEqual(
    Array.from({ length: 3 }, () => ['input-invalid', "Column 'text' holds no text."]),
  )
})

test.each([
  [{ maxLength: 0 }, 'parameter-invalid', "Parameter 'maxLength' of step 'it'"],
  [{ column: 'txt' }, 'column-missing', "reads column 'txt'"],
  [{ tokenizer: 'gpt2' }, 'parameter-unknown', "has no parameter 'tokenizer'"],
])('%j is refused before the run', (params, code, message) => {
  // Spoils the types on purpose.
  const error = errorOf(() => planOneStep(truncateTextColumn(params as never), [{ text: 'a' }]))
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
})
