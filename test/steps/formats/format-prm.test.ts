import { expect, test } from 'vitest'

import { formatPRM } from '../../../src/steps/formats/format-prm.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const row = { instruction: '1 + 2?', solutions: ['Begin with 1. +', 'Add 1. -', 'So it is 3. + '] }

test('Math-Shepherd examples have a token where the labels have a tag', async () => {
  const made = await runOneStep(formatPRM(), [row])
  expect(made.rows[0]?.row).toEqual({
    ...row,
    input: '1 + 2? Begin with 1. ки\nAdd 1. ки\nSo it is 3. ки',
    label: '1 + 2? Begin with 1. +\nAdd 1. -\nSo it is 3. +',
  })
  expect(Object.keys(made.columns)).toEqual(['instruction', 'solutions', 'input', 'label'])
})

test('TRL examples are completions with labels', async () => {
  const made = await runOneStep(formatPRM({ format: 'trl' }), [row])
  expect(made.rows[0]?.row).toEqual({
    ...row,
    prompt: '1 + 2?',
    completions: ['Begin with 1.', 'Add 1.', 'So it is 3.'],
    labels: [true, false, true],
  })
  expect(made.columns['labels']).toEqual({ type: 'array', items: { type: 'boolean' } })
})

test('tags and token can be others', async () => {
  const step = formatPRM({ tags: ['[ok]', '[no]'], stepToken: '<s>' })
  const [made] = await rowsOf(step, [{ instruction: 'Q', solutions: ['a[ok]', 'b[no]'] }])
  expect(made).toMatchObject({ input: 'Q a<s>\nb<s>', label: 'Q a[ok]\nb[no]' })
})

test('a step without a tag, and a solution without steps, reject their row', async () => {
  const data = [
    { instruction: 'Q', solutions: ['a +', 'b'] },
    { instruction: 'Q', solutions: [] },
  ]
  const { rejected } = await runOneStep(formatPRM(), data, {
    columns: { instruction: {}, solutions: {} },
  })
  expect(rejected).toEqual([
    {
      origin: '0',
      code: 'input-invalid',
      reason: "Step 2 of the solution ends with neither '+' nor '-'.",
    },
    {
      origin: '1',
      code: 'input-invalid',
      reason: "Column 'solutions' does not hold for step 'it': it has no steps.",
    },
  ])
})

test.each([
  [{ format: 'csv' }, "Parameter 'format' of step 'it'"],
  [{ tags: ['+'] }, "Parameter 'tags"],
  [{ tags: ['+', '+'] }, 'choose tags that can be told apart'],
  [{ tags: ['++', '+'] }, 'choose tags that can be told apart'],
  [{ stepToken: '' }, "Parameter 'stepToken'"],
])('%j is refused before the run', (params, message) => {
  // Spoils the types on purpose.
  const error = errorOf(() => planOneStep(formatPRM(params as never), [row]))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain(message)
})
