import { expect, test } from 'vitest'

import type { JsonObject } from '../../../src/core/json.ts'
import { expandColumns } from '../../../src/steps/columns/expand-columns.ts'
import { errorOf } from '../../core/error-of.ts'
import { planOneStep, rowsOf, runOneStep } from '../run-one-step.ts'

test('each item makes a row, with all other columns', async () => {
  const step = expandColumns({ columns: ['texts', 'marks'] })
  const made = await runOneStep(step, [
    { id: 1, texts: ['a', 'b'], marks: [1, null] },
    { id: 2, texts: ['c'], marks: [3] },
  ])
  expect(made.rejected).toEqual([])
  expect(made.rows).toEqual([
    { origin: '0.0', row: { id: 1, texts: 'a', marks: 1 } },
    { origin: '0.1', row: { id: 1, texts: 'b', marks: null } },
    { origin: '1.0', row: { id: 2, texts: 'c', marks: 3 } },
  ])
})

test('an empty list makes no row', async () => {
  expect(await rowsOf(expandColumns({ columns: ['texts'] }), [{ texts: [] }])).toEqual([])
})

test('a list whose items get another name stays', async () => {
  const step = expandColumns({ columns: { texts: 'text' } })
  expect(await rowsOf(step, [{ texts: ['a', 'b'] }])).toEqual([
    { texts: ['a', 'b'], text: 'a' },
    { texts: ['a', 'b'], text: 'b' },
  ])
})

test('items have the type that the items of the lists have', () => {
  const typesOf = (values: unknown, encoded = false) =>
    planOneStep(expandColumns({ columns: { a: 'b' }, encoded }), [{ a: values }]).columns['b']
  expect(typesOf(['x'])).toEqual({ type: 'string' })
  expect(typesOf(['x', null])).toEqual({ type: ['string', 'null'] })
  expect(typesOf([['x']])).toEqual({ type: 'array', items: { type: 'string' } })
  expect(typesOf([1, 'x'])).toEqual({})
  expect(typesOf('["x"]', true)).toEqual({})
  const nullable: JsonObject = {
    anyOf: [{ type: 'array', items: { type: 'integer' } }, { type: 'null' }],
  }
  const { columns } = planOneStep(expandColumns({ columns: ['a'] }), [{}], {
    columns: { a: nullable },
  })
  expect(columns).toEqual({ a: { type: 'integer' } })
})

test('lists of unequal length reject their row, and no other', async () => {
  const made = await runOneStep(expandColumns({ columns: ['a', 'b'] }), [
    { a: [1, 2], b: [3] },
    { a: [1], b: [2] },
  ])
  expect(made.rows).toEqual([{ origin: '1.0', row: { a: 1, b: 2 } }])
  expect(made.rejected).toEqual([
    {
      origin: '0',
      code: 'input-invalid',
      reason: "The lists are not equally long: 'a' has 2, 'b' has 1.",
    },
  ])
})

test('what is no list rejects its row', async () => {
  const data = [{ a: 'x' }, { a: null }, {}, { a: ['y'] }]
  const { rows, rejected } = await runOneStep(expandColumns({ columns: ['a'] }), data, {
    columns: { a: {} },
  })
  expect(rows).toEqual([{ origin: '3.0', row: { a: 'y' } }])
  expect(rejected.map(({ origin, code, reason }) => [origin, code, reason])).toEqual(
    ['0', '1', '2'].map((origin) => [origin, 'input-invalid', "Column 'a' holds no list."]),
  )
})

test('lists in JSON are decoded first, in all columns or in those that are named', async () => {
  const data = [{ a: '[{"x":1},2]', b: ['c', 'd'] }]
  expect(await rowsOf(expandColumns({ columns: ['a', 'b'], encoded: ['a'] }), data)).toEqual([
    { a: { x: 1 }, b: 'c' },
    { a: 2, b: 'd' },
  ])
  const all = expandColumns({ columns: ['a'], encoded: true })
  expect(await rowsOf(all, data)).toHaveLength(2)
  const { rejected } = await runOneStep(all, [{ a: '[1' }, { a: '{}' }, { a: '[]' }])
  expect(rejected.map(({ origin, reason }) => [origin, reason])).toEqual([
    ['0', "Column 'a' holds no list in JSON."],
    ['1', "Column 'a' holds no list in JSON."],
  ])
})

test('columns may have other names in the data', async () => {
  const place = { inputs: { item: 'items' }, outputs: { item: 'one' } }
  const made = await runOneStep(expandColumns({ columns: ['item'] }), [{ items: [1] }], place)
  expect(made.rows).toEqual([{ origin: '0.0', row: { items: [1], one: 1 } }])
  expect(made.columns['one']).toEqual({ type: 'integer' })
})

test.each([
  [{ columns: ['text'] }, 'parameter-invalid', "expands column 'text', which holds no lists"],
  [{ columns: ['texts'], encoded: true }, 'parameter-invalid', "'texts', which holds no text"],
  [{ columns: ['txets'] }, 'column-missing', "reads column 'txets', which no earlier step writes"],
  [{ columns: { texts: 'text' } }, 'column-taken', "writes column 'text', which step 'load'"],
  [{ columns: ['texts', 'texts'] }, 'parameter-invalid', "names column 'texts' twice"],
  [{ columns: { texts: 'a', more: 'a' } }, 'parameter-invalid', "names column 'a' twice"],
  [{ columns: ['texts'], encoded: ['text'] }, 'parameter-unknown', "Did you mean 'texts'?"],
  [{ columns: [] }, 'parameter-invalid', "Parameter 'columns' of step 'it'"],
  [{ columns: {} }, 'parameter-invalid', 'Parameter'],
  [{ columns: 'texts' }, 'parameter-invalid', 'it takes a list of columns, or an object'],
  [{ columns: ['texts'], splitStatistics: true }, 'parameter-unknown', "'splitStatistics'"],
])('%j is refused before the run', (params, code, message) => {
  // Spoils the types on purpose.
  const step = expandColumns(params as never)
  const error = errorOf(() => planOneStep(step, [{ text: 'a', texts: ['a'], more: ['b'] }]))
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
  expect(error.message).toContain("'it'")
})
