import { expect, test } from 'vitest'

import { runJoin } from '../../src/core/run-join.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { BranchColumns } from '../../src/core/step.ts'
import { combineOutputsDefinition } from '../../src/steps/columns/combine-outputs.ts'
import { errorOf } from './error-of.ts'

const branches: BranchColumns[] = ['a', 'b'].map((name) => ({
  name,
  columns: { id: {}, [name]: {} },
  written: [name],
}))
const rowsOf = (column: string, ...origins: string[]): StagedRow[] =>
  origins.map((origin) => ({
    origin,
    identity: `id-${origin}`,
    row: { id: origin, [column]: `${column}${origin}` },
  }))
const join = (...rows: StagedRow[][]) =>
  runJoin({
    definition: combineOutputsDefinition,
    stepName: 'both',
    params: {},
    branches,
    rows,
  })

test('rows of one origin are joined, in the order of the first branch', () => {
  expect(join(rowsOf('a', '10', '9', '11'), rowsOf('b', '9', '10', '11'))).toEqual([
    { origin: '10', identity: 'id-10', row: { id: '10', a: 'a10', b: 'b10' } },
    { origin: '9', identity: 'id-9', row: { id: '9', a: 'a9', b: 'b9' } },
    { origin: '11', identity: 'id-11', row: { id: '11', a: 'a11', b: 'b11' } },
  ])
})

test('a row that a branch rejected or filtered out is left out', () => {
  const joined = join(rowsOf('a', '0', '1', '3'), rowsOf('b', '1', '2', '3'))
  expect(joined.map(({ origin }) => origin)).toEqual(['1', '3'])
})

test('rows that were expanded before the branches find each other', () => {
  const joined = join(rowsOf('a', '0.0', '0.1'), rowsOf('b', '0.1', '0.0'))
  expect(joined.map(({ row }) => row)).toEqual([
    { id: '0.0', a: 'a0.0', b: 'b0.0' },
    { id: '0.1', a: 'a0.1', b: 'b0.1' },
  ])
})

test('a branch that makes several rows out of one stops the run', () => {
  const error = errorOf(() => join(rowsOf('a', '0', '1'), rowsOf('b', '0.0', '0.1', '1.0')))
  expect(error.code).toBe('step-threw')
  expect(error.message).toContain("A branch of join 'both' makes several rows out of one")
  expect(error.message).toContain('expand behind the join')
})

test('branches without rows join to none', () => {
  expect(join([], rowsOf('b', '0'))).toEqual([])
  expect(join([], [])).toEqual([])
})

test('rows of which some were expanded before the branches keep their partners', () => {
  const joined = join(rowsOf('a', '0', '1.0', '1.1'), rowsOf('b', '0', '1.0', '1.1'))
  expect(joined.map(({ origin }) => origin)).toEqual(['0', '1.0', '1.1'])
})
