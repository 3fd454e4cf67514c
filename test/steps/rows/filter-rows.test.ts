import { expect, test } from 'vitest'
import { z } from 'zod'

import { filterRows } from '../../../src/steps/rows/filter-rows.ts'
import { errorOf, rejectionOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

const longOnly = filterRows({
  type: 'LongOnly',
  params: z.object({ atLeast: z.int().default(3) }),
  inputs: z.object({ text: z.string() }),
  keep: ({ text }, { params }) => text.length >= params.atLeast,
})
const data = [{ id: 1, text: 'ab' }, { id: 2, text: 'abc' }, { id: 3 }]

test('rows that do not pass are gone, those that do stay as they are', async () => {
  const made = await runOneStep(longOnly(), data)
  expect(made.rows).toEqual([{ origin: '1', row: { id: 2, text: 'abc' } }])
  expect(made.rejected).toMatchObject([{ origin: '2', code: 'input-invalid' }])
  expect(Object.keys(made.columns)).toEqual(['id', 'text'])
})

test('its parameters are checked and filled in', async () => {
  expect(await rowsOf(longOnly({ atLeast: 1 }), data.slice(0, 2))).toHaveLength(2)
  const error = errorOf(() => planOneStep(longOnly({ atLeast: 0.5 }), data))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("Parameter 'atLeast' of step 'it' (LongOnly)")
})

test('columns may have other names in the data', async () => {
  const rows = await rowsOf(longOnly(), [{ answer: 'abc' }], { inputs: { text: 'answer' } })
  expect(rows).toEqual([{ answer: 'abc' }])
})

test('chance depends on seed, step and row, not on the other rows', async () => {
  const byChance = filterRows({
    type: 'ByChance',
    inputs: z.object({ n: z.number() }),
    keep: (_, { random }) => random() < 0.5,
  })
  const numbers = Array.from({ length: 200 }, (_, n) => ({ n }))
  const kept = await rowsOf(byChance(), numbers)
  expect(kept.length).toBeGreaterThan(60)
  expect(kept.length).toBeLessThan(140)
  expect(await rowsOf(byChance(), numbers.slice(0, 100))).toEqual(
    kept.filter(({ n }) => Number(n) < 100),
  )
  expect(await rowsOf(byChance(), numbers, { seed: 1 })).not.toEqual(kept)
  expect(await rowsOf(byChance(), numbers, { name: 'other' })).not.toEqual(kept)
})

test('what is neither true nor false stops the run, also a promise, which would let all pass', async () => {
  const wrong = filterRows({
    type: 'Wrong',
    inputs: z.object({}),
    // Spoils the types on purpose.
    keep: (async () => false) as never,
  })
  const error = await rejectionOf(runOneStep(wrong(), data))
  expect(error.code).toBe('step-threw')
  expect(error.message).toBe(
    "Step 'it' (Wrong) threw: 'keep' returned object; it must return true or false.",
  )
})

test('a column that nobody writes is refused before the run', () => {
  const error = errorOf(() => planOneStep(longOnly(), [{ id: 1 }]))
  expect(error.code).toBe('column-missing')
  expect(error.message).toContain("Step 'it' reads column 'text'")
})
