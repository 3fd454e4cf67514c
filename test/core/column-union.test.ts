import { expect, test } from 'vitest'

import { columnsOf } from '../../src/core/column-union.ts'

test.each([
  [[true, false], { type: 'boolean' }],
  [[1, 2], { type: 'integer' }],
  [[1, 2.5], { type: 'number' }],
  [[1, 1e300], { type: 'number' }],
  [['a', null], { type: ['string', 'null'] }],
  [[null, null], {}],
  [['a', 1], {}],
  [[[1], [2.5]], { type: 'array', items: { type: 'number' } }],
  [[[], []], { type: 'array', items: {} }],
  [[['a', null], null], { type: ['array', 'null'], items: { type: ['string', 'null'] } }],
  [[['a'], 'a'], {}],
  [[{}], {}],
  [
    [{ a: 1, b: { c: 'x' } }, { a: 2 }],
    {
      type: 'object',
      properties: {
        a: { type: 'integer' },
        b: { type: ['object', 'null'], properties: { c: { type: 'string' } } },
      },
    },
  ],
  [[new Date(0)], { type: 'string' }],
])('values %j have the type %j', (values, schema) => {
  expect(columnsOf(values.map((value) => ({ value })))).toEqual({ value: schema })
})

test('a column that a row lacks may be null, and columns keep the order in which they came', () => {
  const columns = columnsOf([{ b: 1 }, { b: 2, a: 'x', c: undefined }])
  expect(columns).toEqual({ b: { type: 'integer' }, a: { type: ['string', 'null'] } })
  expect(Object.keys(columns)).toEqual(['b', 'a'])
})

test('objects with keys out of the data are JSON, and so is what is nested too deep', () => {
  const keyed = Array.from({ length: 300 }, (_, id) => ({ scores: { [`user-${id}`]: 1 } }))
  expect(columnsOf(keyed)).toEqual({ scores: {} })
  let deep: unknown = 'x'
  for (let depth = 0; depth < 100; depth++) deep = [deep]
  expect(JSON.stringify(columnsOf([{ deep }])).length).toBeLessThan(400)
})

test('a row may have many columns, also of names that JavaScript knows', () => {
  const row: unknown = JSON.parse('{"__proto__":1,"constructor":"x"}')
  expect(Object.keys(columnsOf([Object.assign({}, row), row as object as { a: 1 }]))).toContain(
    'constructor',
  )
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, id) => [`c${id}`, id]))
  expect(Object.keys(columnsOf([wide]))).toHaveLength(500)
})
