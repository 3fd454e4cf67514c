import { expect, test } from 'vitest'

import { sampleRows } from '../../../src/steps/rows/sample-rows.ts'
import type { SampleRowsParams } from '../../../src/steps/rows/sample-rows.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf } from '../run-one-step.ts'

const rows = Array.from({ length: 2_000 }, (_, id) => ({ id }))
const kept = async (params: SampleRowsParams, place: { seed?: number; name?: string } = {}) =>
  (await rowsOf(sampleRows(params), rows, place)).map(({ id }) => Number(id))

test('about the wanted part of the rows stays', async () => {
  const tenth = await kept({ probability: 0.1 })
  expect(tenth.length).toBeGreaterThan(150)
  expect(tenth.length).toBeLessThan(250)
  expect(await kept({ oneIn: 10 })).toEqual(tenth)
  expect(await kept({ probability: 1 })).toHaveLength(rows.length)
})

test('what stays follows from seed, step and row, not from batches or other rows', async () => {
  const half = await kept({ probability: 0.5 })
  expect(await kept({ probability: 0.5, inputBatchSize: 7 })).toEqual(half)
  expect(await rowsOf(sampleRows({ probability: 0.5 }), rows.slice(0, 1_000))).toEqual(
    half.filter((id) => id < 1_000).map((id) => ({ id })),
  )
  expect(await kept({ probability: 0.5 }, { seed: 1 })).not.toEqual(half)
})

test('a sample of a sample is one of its own', async () => {
  const first = new Set(await kept({ probability: 0.5 }, { name: 'first' }))
  const second = await kept({ probability: 0.5 }, { name: 'second' })
  const both = second.filter((id) => first.has(id))
  expect(both.length).toBeGreaterThan(400)
  expect(both.length).toBeLessThan(600)
})

test.each([
  [{}, "takes either 'probability' or 'oneIn', and has neither"],
  [{ probability: 0.5, oneIn: 2 }, "takes either 'probability' or 'oneIn', not both"],
  [{ probability: 0 }, "Parameter 'probability' of step 'it'"],
  [{ probability: 1.5 }, "Parameter 'probability' of step 'it'"],
  [{ oneIn: 0 }, "Parameter 'oneIn' of step 'it'"],
  [{ oneIn: 2.5 }, "Parameter 'oneIn' of step 'it'"],
])('%j is refused before the run', (params, message) => {
  // Spoils the types on purpose.
  const error = errorOf(() => planOneStep(sampleRows(params as never), rows.slice(0, 1)))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain(message)
})
