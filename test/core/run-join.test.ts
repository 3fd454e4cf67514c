import { expect, test } from 'vitest'

import { runJoin } from '../../src/core/run-join.ts'
import type { JoinBranch, JoinResult } from '../../src/core/run-join.ts'
import type { Row } from '../../src/core/columns.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { BranchColumns } from '../../src/core/step.ts'
import { combineOutputsDefinition } from '../../src/steps/columns/combine-outputs.ts'

const columns: BranchColumns[] = ['a', 'b'].map((name) => ({
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
const branchOf = (rows: StagedRow[], rejected: string[] = [], sent?: string[]): JoinBranch => ({
  rows,
  goesTo: ({ origin }) => sent === undefined || sent.includes(origin),
  rejected: async () => new Set(rejected),
})

/** Joins branches of a fork whose rows have the given origins. */
async function join(
  fork: string[],
  branches: readonly JoinBranch[],
  params: Row = {},
  haveOwnSources = false,
): Promise<JoinResult> {
  return await runJoin({
    definition: combineOutputsDefinition,
    stepName: 'both',
    params,
    columns,
    fork: rowsOf('fork', ...fork),
    branches,
    haveOwnSources,
  })
}

test('rows of one origin are joined, in the order in which they came to the fork', async () => {
  const { rows } = await join(
    ['10', '9', '11'],
    [branchOf(rowsOf('a', '10', '11', '9')), branchOf(rowsOf('b', '9', '10', '11'))],
  )
  expect(rows).toEqual([
    { origin: '10', identity: 'id-10', row: { id: '10', a: 'a10', b: 'b10' } },
    { origin: '9', identity: 'id-9', row: { id: '9', a: 'a9', b: 'b9' } },
    { origin: '11', identity: 'id-11', row: { id: '11', a: 'a11', b: 'b11' } },
  ])
})

test('a row that a branch rejected is left out, also one that it had expanded before', async () => {
  const { rows, rejected } = await join(
    ['0', '1', '2'],
    [branchOf(rowsOf('a', '0', '1', '2')), branchOf(rowsOf('b', '1'), ['0', '2.1', '2'])],
  )
  expect(rows.map(({ origin }) => origin)).toEqual(['1'])
  expect(rejected).toEqual([])
})

test('a row that a branch let out is rejected with a reason that names the branch', async () => {
  const branches = [branchOf(rowsOf('a', '0', '1')), branchOf(rowsOf('b', '1'))]
  const { rows, rejected } = await join(['0', '1'], branches)
  expect(rows.map(({ origin }) => origin)).toEqual(['1'])
  expect(rejected).toMatchObject([
    {
      origin: '0',
      step: 'both',
      code: 'row-missing',
      reason: "Row 0 does not come to join 'both' from branch 'b', which let it out.",
      row: { id: '0' },
    },
  ])
})

test('of several sources the one that has fewer rows is named, too', async () => {
  const branches = [branchOf(rowsOf('a', '0', '1')), branchOf(rowsOf('b', '0'))]
  const { rejected } = await join(['0', '1'], branches, {}, true)
  expect(rejected[0]?.reason).toBe(
    "Row 1 does not come to join 'both' from branch 'b', which has no such row or let it out.",
  )
})

test('it is filled with nulls, or stops the run, where the join says so', async () => {
  const branches = [branchOf(rowsOf('a', '0', '1')), branchOf(rowsOf('b', '1'))]
  const filled = await join(['0', '1'], branches, { onMissing: 'null' })
  expect(filled.rows.map(({ row }) => row)).toEqual([
    { id: '0', a: 'a0', b: null },
    { id: '1', a: 'a1', b: 'b1' },
  ])
  expect(filled.rejected).toEqual([])
  await expect(join(['0', '1'], branches, { onMissing: 'error' })).rejects.toMatchObject({
    code: 'row-lost',
    message: expect.stringContaining("Set its parameter 'onMissing'"),
  })
})

test('a row that no branch has was let out by all, and one that was sent elsewhere is not missing', async () => {
  const { rows, rejected } = await join(
    ['0', '1', '2'],
    [branchOf(rowsOf('a', '1'), [], ['0', '1']), branchOf(rowsOf('b', '2'), [], ['2'])],
  )
  expect(rows.map(({ row }) => row)).toEqual([
    { id: '1', a: 'a1', b: null },
    { id: '2', a: null, b: 'b2' },
  ])
  expect(rejected).toEqual([])
})

test('rows that were expanded before the branches find each other', async () => {
  const { rows } = await join(
    ['0', '1.0', '1.1'],
    [branchOf(rowsOf('a', '0', '1.0', '1.1')), branchOf(rowsOf('b', '1.1', '1.0', '0'))],
  )
  expect(rows.map(({ row }) => row)).toEqual([
    { id: '0', a: 'a0', b: 'b0' },
    { id: '1.0', a: 'a1.0', b: 'b1.0' },
    { id: '1.1', a: 'a1.1', b: 'b1.1' },
  ])
})

test('a branch that makes several rows out of one stops the run, with its name', async () => {
  const branches = [branchOf(rowsOf('a', '0', '1')), branchOf(rowsOf('b', '0.0', '0.1', '1.0'))]
  await expect(join(['0', '1'], branches)).rejects.toMatchObject({
    code: 'step-threw',
    message: expect.stringContaining("Branch 'b' of join 'both' makes several rows out of one"),
  })
})

test('branches without rows join to none', async () => {
  expect(await join([], [branchOf([]), branchOf([])])).toEqual({ rows: [], rejected: [] })
})
