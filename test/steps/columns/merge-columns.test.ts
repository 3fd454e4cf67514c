import { expect, test } from 'vitest'

import { mergeColumns } from '../../../src/steps/columns/merge-columns.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

test('lists are joined and other values become items, and their columns go', async () => {
  const step = mergeColumns({ columns: ['a', 'b', 'c'] })
  const [row] = await rowsOf(step, [{ id: 1, c: null, a: [1, 2], b: 3 }])
  expect(row).toEqual({ id: 1, merged_column: [1, 2, 3, null] })
  const [nested] = await rowsOf(step, [{ a: [[1]], b: [], c: { x: 1 } }])
  expect(nested).toEqual({ merged_column: [[1], { x: 1 }] })
})

test('the merged column may have the name of one of them', async () => {
  const step = mergeColumns({ columns: ['a', 'b'], outputColumn: 'a' })
  const made = await runOneStep(step, [{ a: 'x', b: 'y' }])
  expect(made.rows[0]?.row).toEqual({ a: ['x', 'y'] })
  expect(made.columns).toEqual({ a: { type: 'array', items: { type: 'string' } } })
})

test('columns that have other names in the data go as well', async () => {
  const step = mergeColumns({ columns: ['a', 'b'], outputColumn: 'both' })
  const rows = await rowsOf(step, [{ x: 1, b: 2, a: 'other' }], { inputs: { a: 'x' } })
  expect(rows).toEqual([{ a: 'other', both: [1, 2] }])
})

test('items have the type that all of them have, or those that they may have', () => {
  const itemsOf = (row: { a: unknown; b: unknown }) =>
    planOneStep(mergeColumns({ columns: ['a', 'b'] }), [row]).columns['merged_column']
  expect(itemsOf({ a: ['x'], b: 'y' })).toEqual({ type: 'array', items: { type: 'string' } })
  expect(itemsOf({ a: [1], b: 'y' })).toEqual({
    type: 'array',
    items: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
  })
  expect(itemsOf({ a: [1, 'x'], b: 'y' })).toEqual({ type: 'array', items: {} })
})

test('a row that lacks one of the columns is rejected', async () => {
  const data = [{ a: 1, b: 2 }, { a: 1 }]
  const { rows, rejected } = await runOneStep(mergeColumns({ columns: ['a', 'b'] }), data)
  expect(rows).toEqual([{ origin: '0', row: { merged_column: [1, 2] } }])
  expect(rejected).toEqual([
    {
      origin: '1',
      code: 'input-invalid',
      reason: "Column 'b' does not hold for step 'it': it is not there.",
    },
  ])
})

test.each([
  [{ columns: ['a', 'z'] }, 'column-missing', "reads column 'z', which no earlier step writes"],
  [{ columns: ['a'], outputColumn: 'b' }, 'column-taken', "writes column 'b', which step 'load'"],
  [{ columns: ['a', 'a'] }, 'parameter-invalid', "names column 'a' twice"],
  [{ columns: [] }, 'parameter-invalid', "Parameter 'columns'"],
  [{}, 'parameter-invalid', "needs the parameter 'columns'"],
  [{ columns: ['a'], outputColum: 'x' }, 'parameter-unknown', "Did you mean 'outputColumn'?"],
])('%j is refused before the run', (params, code, message) => {
  // Spoils the types on purpose.
  const error = errorOf(() => planOneStep(mergeColumns(params as never), [{ a: 1, b: 2 }]))
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
})
