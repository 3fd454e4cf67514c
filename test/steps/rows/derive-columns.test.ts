import { expect, test } from 'vitest'
import { z } from 'zod'

import { reject } from '../../../src/core/rejection.ts'
import { deriveColumns } from '../../../src/steps/rows/derive-columns.ts'
import { errorOf, rejectionOf } from '../../core/error-of.ts'
import { planOneStep, runOneStep } from '../run-one-step.ts'

const measure = deriveColumns({
  type: 'Measure',
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ length: z.int(), text: z.string() }),
  derive: ({ text }) =>
    text === '' ? reject('output-invalid', 'No text.') : { length: text.length, text: text.trim() },
})

test('columns are added, and those that are read may be replaced', async () => {
  const made = await runOneStep(measure(), [{ id: 1, text: ' a' }, { text: '' }])
  expect(made.rows).toEqual([{ origin: '0', row: { id: 1, text: 'a', length: 2 } }])
  expect(made.rejected).toEqual([{ origin: '1', code: 'output-invalid', reason: 'No text.' }])
  expect(made.columns['length']).toMatchObject({ type: 'integer' })
})

test('a column that is there already is refused, unless it is mapped', () => {
  const data = [{ text: 'a', length: 1 }]
  expect(errorOf(() => planOneStep(measure(), data)).code).toBe('column-taken')
  const { columns } = planOneStep(measure(), data, { outputs: { length: 'size' } })
  expect(Object.keys(columns)).toEqual(['text', 'length', 'size'])
})

test('what is against its outputs stops the run', async () => {
  const wrong = deriveColumns({
    type: 'Wrong',
    inputs: z.object({}),
    outputs: z.object({ n: z.int() }),
    derive: () => ({ n: 0.5 }),
  })
  const error = await rejectionOf(runOneStep(wrong(), [{ id: 1 }]))
  expect(error.code).toBe('column-mistyped')
  expect(error.message).toContain("yields 0.5 as column 'n'")
})

test('its numbers are the same for the same row, and start anew for each', async () => {
  const draw = deriveColumns({
    type: 'Draw',
    inputs: z.object({}),
    outputs: z.object({ a: z.number(), b: z.number() }),
    derive: (_, { random }) => ({ a: random(), b: random() }),
  })
  const two = await runOneStep(draw(), [{ id: 1 }, { id: 2 }])
  const one = await runOneStep(draw(), [{ id: 1 }])
  expect(two.rows[0]).toEqual(one.rows[0])
  expect(new Set(two.rows.flatMap(({ row }) => [row['a'], row['b']])).size).toBe(4)
})
