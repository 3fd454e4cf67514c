import { expect, test } from 'vitest'

import { resolveParams } from '../../../src/core/resolve-params.ts'
import { runStep } from '../../../src/core/run-step.ts'
import { definitionKey } from '../../../src/core/step.ts'
import { keepColumns } from '../../../src/steps/columns/keep-columns.ts'

test('only the named columns stay, in the named order', async () => {
  const step = keepColumns({ columns: ['c', 'a'] })
  const definition = step[definitionKey]
  const { params } = resolveParams(definition, {
    name: 'keep',
    type: step.type,
    params: step.params,
  })
  const keeps = definition.columns?.(params, 'keep').keeps
  const { rows, rejected } = await runStep({
    definition,
    params,
    step: { name: 'keep', batchSize: 50, ...(keeps === undefined ? {} : { keeps }) },
    rows: [
      { origin: '0', identity: 'x', row: { a: 1, b: 2, c: 3 } },
      { origin: '1', identity: 'y', row: { b: 2, c: null } },
    ],
    seed: 0,
    signal: new AbortController().signal,
  })
  expect(rejected).toEqual([])
  expect(rows.map(({ row }) => row)).toEqual([{ c: 3, a: 1 }, { c: null }])
  expect(Object.keys(rows[0]?.row ?? {})).toEqual(['c', 'a'])
})

test('the columns that are to stay are those that it reads', () => {
  const step = keepColumns({ columns: ['a'] })
  expect(step[definitionKey].columns?.(step.params, 'keep')).toEqual({
    reads: { a: {} },
    optional: [],
    writes: {},
    replaces: [],
    keeps: ['a'],
  })
})

test('columns must be named', () => {
  const step = keepColumns({ columns: [] })
  expect(() =>
    resolveParams(step[definitionKey], { name: 'keep', type: step.type, params: step.params }),
  ).toThrow(expect.objectContaining({ code: 'parameter-invalid' }))
})
