import { expect, test } from 'vitest'
import { z } from 'zod'

import { reject } from '../../../src/core/rejection.ts'
import { mapRows } from '../../../src/steps/rows/map-rows.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const words = mapRows({
  type: 'Words',
  inputs: z.object({ id: z.int(), text: z.string() }),
  outputs: z.object({ id: z.int(), word: z.string() }),
  map: ({ id, text }) =>
    text === '?'
      ? reject('output-invalid', 'No words.')
      : text.split(' ').flatMap((word) => (word === '' ? [] : [{ id, word }])),
})

test('other rows take the place of each row: several, one or none', async () => {
  const made = await runOneStep(words(), [
    { id: 1, text: 'a b', more: 'x' },
    { id: 2, text: '' },
    { id: 3, text: 'c' },
  ])
  expect(made.rows).toEqual([
    { origin: '0.0', row: { id: 1, word: 'a' } },
    { origin: '0.1', row: { id: 1, word: 'b' } },
    { origin: '2.0', row: { id: 3, word: 'c' } },
  ])
  expect(made.columns).toMatchObject({ id: { type: 'integer' }, word: { type: 'string' } })
  expect(Object.keys(made.columns)).toEqual(['id', 'word'])
})

test('a row that is made alone keeps its origin', async () => {
  const upper = mapRows({
    type: 'Upper',
    inputs: z.object({ text: z.string() }),
    outputs: z.object({ TEXT: z.string() }),
    map: ({ text }) => ({ TEXT: text.toUpperCase() }),
  })
  const made = await runOneStep(upper(), [{ text: 'a' }])
  expect(made.rows).toEqual([{ origin: '0', row: { TEXT: 'A' } }])
})

test('a row can be rejected', async () => {
  const { rejected } = await runOneStep(words(), [{ id: 1, text: '?' }])
  expect(rejected).toEqual([{ origin: '0', code: 'output-invalid', reason: 'No words.' }])
})

test('columns of the data that are not written are never in the way', () => {
  const place = { outputs: { word: 'text' } }
  const { columns } = planOneStep(words(), [{ id: 1, text: 'a', word: 'b' }], place)
  expect(Object.keys(columns)).toEqual(['id', 'text'])
})

test('what is against its outputs stops the run, with row and column', async () => {
  const wrong = mapRows({
    type: 'Wrong',
    inputs: z.object({}),
    outputs: z.object({ word: z.string() }),
    // Spoils the types on purpose.
    map: () => ({ word: 5 }) as never,
  })
  const error = await rejectionOf(runOneStep(wrong(), [{ id: 1 }]))
  expect(error.code).toBe('column-mistyped')
  expect(error.message).toContain("Step 'it' (Wrong) yields 5 as column 'word' for row 0")
})

test('what it throws stops the run', async () => {
  const wrong = mapRows({
    type: 'Wrong',
    inputs: z.object({}),
    outputs: z.object({ word: z.string() }),
    map: () => {
      throw new Error('No luck.')
    },
  })
  const error = await rejectionOf(rowsOf(wrong(), [{ id: 1 }]))
  expect(error.code).toBe('step-threw')
  expect(error.message).toBe("Step 'it' (Wrong) threw: No luck.")
})
