import { expect, test } from 'vitest'

import { prepareExamples } from '../../../src/steps/formats/prepare-examples.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const row = { id: 1, query: ['1 + 2?', '$& {answers}'], answers: ['[3]', '[4]'] }

test('queries and answers become one text in their place', async () => {
  const made = await runOneStep(prepareExamples(), [row])
  expect(made.rows).toEqual([
    {
      origin: '0',
      row: {
        id: 1,
        examples:
          '## Query:\n1 + 2?\n## Answers:\n[3]\n\n## Query:\n$& {answers}\n## Answers:\n[4]',
      },
    },
  ])
  expect(Object.keys(made.columns)).toEqual(['id', 'examples'])
})

test('another template may be given', async () => {
  const step = prepareExamples({ template: 'Q: {query}\nA: {answers} {"json": 1}' })
  const rows = await rowsOf(step, [{ query: ['a'], answers: ['b'] }])
  expect(rows).toEqual([{ examples: 'Q: a\nA: b {"json": 1}' }])
})

test('lists of unequal length reject their row', async () => {
  const { rejected } = await runOneStep(prepareExamples(), [{ query: ['a', 'b'], answers: ['c'] }])
  expect(rejected).toEqual([
    {
      origin: '0',
      code: 'input-invalid',
      reason: 'The row has 2 queries but 1 answers; there must be one for each.',
    },
  ])
})

test.each([
  ['{query}', "has no '{answers}'"],
  ['{qery} {answers}', "'{qery}', which it knows no text for. Did you mean 'query'?"],
])('the template %j is refused before the run', (template, message) => {
  const error = errorOf(() => planOneStep(prepareExamples({ template }), [row]))
  expect(error.code).toBe('template-invalid')
  expect(error.message).toContain(message)
  expect(error.message).toContain("'it'")
})
