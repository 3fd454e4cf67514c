import { expect, test } from 'vitest'

import type { StepSpec } from '../../src/core/spec.ts'
import { driveRun } from '../graphs/drive-run.ts'
import { madeBy } from '../graphs/made-by.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const values = Array.from({ length: 90 }, (_, v) => v)

/** What steps make of some values in column `v`, leaf by leaf. */
async function run(steps: readonly StepSpec[]) {
  const [first, ...others] = steps
  if (first === undefined) throw new Error('Some step comes first.')
  const load: StepSpec = {
    name: 'load',
    type: 'LoadDataFromDicts',
    params: { data: values.map((v) => ({ v })) },
  }
  const spec = { version: 1, name: 'joined', steps: [load, first, ...others] } as const
  const driven = await driveRun(createMemoryStore(), spec, {
    luck: 1,
    shardSize: 500,
    batchSizes: [500],
    workers: 1,
    atOnce: 1,
    crashes: [],
  })
  return await madeBy(driven)
}

const mark = (name: string, after: string, from: string, to: string, others = {}): StepSpec => ({
  name,
  type: 'Mark',
  after: [after],
  params: { salt: 1 },
  inputs: { v: from },
  outputs: { v: to },
  ...others,
})
const combine = (name: string, ...after: readonly string[]): StepSpec => ({
  name,
  type: 'CombineOutputs',
  after,
})
test('a route reads a row as it came there, also where a join asks what became of one that went nowhere', async () => {
  const { leaves, rejected } = await run([
    // `written` is not there where the outer branches part, and the route throws without it.
    mark('a', 'load', 'v', 'written', {
      route: { type: 'ByValue', params: { column: 'written', salt: 1 } },
    }),
    mark('x', 'a', 'written', 'x'),
    mark('y', 'a', 'written', 'y'),
    combine('inner', 'x', 'y'),
    mark('b', 'load', 'v', 'b'),
    combine('outer', 'inner', 'b'),
  ])
  expect(rejected).toEqual([])
  expect(leaves[0]).toHaveLength(values.length)
  const ways = leaves[0]?.map(({ row }) => `${row['x'] !== null} ${row['y'] !== null}`)
  expect(new Set(ways).size).toBe(4)
})

test('a row that a route sends only to a branch that ends alone is not missing where the others are joined', async () => {
  const { leaves, rejected } = await run([
    mark('a', 'load', 'v', 'a', { route: { type: 'SampleSteps', params: { size: 1 } } }),
    mark('x', 'a', 'a', 'x'),
    mark('y', 'a', 'a', 'y'),
    mark('alone', 'a', 'a', 'z'),
    combine('inner', 'x', 'y'),
    mark('b', 'load', 'v', 'b'),
    combine('outer', 'inner', 'b'),
  ])
  expect(rejected).toEqual([])
  const [alone = [], outer = []] = leaves
  expect(alone.length).toBeGreaterThan(0)
  expect(outer).toHaveLength(values.length)
})

test('no two rows have one origin, whether expanded before or behind what puts rows of several steps together', async () => {
  const { leaves } = await run([
    mark('x', 'load', 'v', 'v'),
    mark('y', 'load', 'v', 'v'),
    { name: 'many', type: 'Multiply', after: ['load'], params: { salt: 1 } },
    { name: 'all', type: 'Concatenate', after: ['x', 'y', 'many'] },
    // Makes one row of some, and several of others.
    { name: 'weigh', type: 'Weigh', after: ['all'], params: { salt: 5 } },
  ])
  const rows = leaves[0] ?? []
  expect(rows.length).toBeGreaterThan(values.length)
  expect(new Set(rows.map(({ origin }) => origin)).size).toBe(rows.length)
  expect(new Set(rows.map(({ identity }) => identity)).size).toBe(rows.length)
})

test('a row that a branch let out is not taken for a rejected one whose origin only begins alike', async () => {
  const { leaves, rejected } = await run([
    mark('x', 'load', 'v', 'v'),
    mark('y', 'load', 'v', 'v', { params: { salt: 2 } }),
    { name: 'some', type: 'Concatenate', after: ['x', 'y'] },
    { name: 'all', type: 'Concatenate', after: ['some', 'x'] },
    { name: 'refuse', type: 'Refuse', after: ['all'], params: { salt: 1 } },
    { name: 'leave', type: 'LeaveOut', after: ['refuse'], params: { salt: 3 } },
    mark('end', 'leave', 'v', 'a'),
    mark('b', 'all', 'v', 'b'),
    combine('joined', 'end', 'b'),
  ])
  const counted = (leaves[0]?.length ?? 0) + rejected.length
  expect(rejected.map(({ code }) => code)).toContain('row-missing')
  expect(counted).toBe(3 * values.length)
})

test('rows that are put together are null in the columns that only others have, for the steps behind them as well', async () => {
  const { leaves, rejected } = await run([
    mark('x', 'load', 'v', 'x'),
    mark('y', 'load', 'v', 'y'),
    { name: 'all', type: 'Concatenate', after: ['x', 'y'] },
    mark('read', 'all', 'x', 'marked'),
  ])
  expect(rejected).toEqual([])
  const rows = leaves[0] ?? []
  expect(rows).toHaveLength(2 * values.length)
  expect(rows.filter(({ row }) => row['y'] === null)).toHaveLength(values.length)
  expect(rows.filter(({ row }) => row['x'] === null)).toHaveLength(values.length)
})
