import { expect, test } from 'vitest'

import { estimateCalls, estimateRows } from '../../src/core/estimate-calls.ts'
import type { EstimateBasis, RowEstimate } from '../../src/core/estimate-calls.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { toPrice } from '../../src/core/price.ts'
import { chain, resolve, simulatedSpec } from './little-registry.ts'

const judge = (name: string, params: JsonObject = {}, after?: readonly string[]) => ({
  name,
  type: 'Judge',
  ...(after === undefined ? {} : { after }),
  params: { llm: simulatedSpec, aspect: 'x', ...params },
})
const basis = (
  rows: RowEstimate | undefined,
  more: Partial<EstimateBasis> = {},
): EstimateBasis => ({
  sourceRows: new Map(rows === undefined ? [] : [['prompts', rows]]),
  inputTokens: new Map([['one', 100]]),
  outputTokens: new Map([['one', 50]]),
  prices: new Map([['one', toPrice({ inputUsdPerMillion: 1, outputUsdPerMillion: 10 })]]),
  ...more,
})

test('calls are rows times generations, re-asks come on top, and cost is that of the longest calls', () => {
  const steps = resolve(
    chain({ type: 'Prompts' }, judge('one', { numGenerations: 2, maxReasks: 1 })),
  )
  const found = estimateCalls(steps, basis({ count: 1_000, certainty: 'exact' }))
  expect(found.get('one')).toEqual({
    rows: { count: 1_000, certainty: 'exact' },
    calls: 2_000,
    mostCalls: 4_000,
    inputTokens: 100,
    outputTokens: 50,
    costUsd: 1.2,
  })
})

test('without rows, prompts or price what depends on them is not known', () => {
  const steps = resolve(chain({ type: 'Prompts' }, judge('one')))
  expect(estimateCalls(steps, basis(undefined)).get('one')).toMatchObject({
    rows: null,
    calls: null,
    mostCalls: null,
    costUsd: null,
  })
  const rows: RowEstimate = { count: 10, certainty: 'at-least' }
  const unmeasured = basis(rows, { inputTokens: new Map() })
  expect(estimateCalls(steps, unmeasured).get('one')).toMatchObject({
    inputTokens: null,
    costUsd: (10 * 500) / 1e6,
  })
  const unpriced = basis(rows, { prices: new Map() })
  expect(estimateCalls(steps, unpriced).get('one')).toMatchObject({ calls: 10, costUsd: null })
})

test('a task gives a row for each generation unless it groups them, and a join those of its smallest branch', () => {
  const grouped = { numGenerations: 3, groupGenerations: true }
  const steps = resolve(
    [
      ...chain(
        { type: 'Prompts' },
        judge('grouped', grouped),
        judge('many', { numGenerations: 4 }),
      ),
      { ...judge('other', {}, ['prompts']), outputs: { rating: 'other' } },
      { name: 'both', type: 'CombineOutputs', after: ['grouped', 'other'] },
    ].map((step) => (step.name === 'many' ? { ...step, outputs: { rating: 'again' } } : step)),
  )
  const rows = estimateRows(steps, new Map([['prompts', { count: 5, certainty: 'exact' }]]))
  expect(Object.fromEntries([...rows].map(([name, { count }]) => [name, count]))).toEqual({
    prompts: 5,
    grouped: 5,
    many: 20,
    other: 5,
    both: 5,
  })
  expect([...rows.values()].map(({ certainty }) => certainty)).toEqual([
    'exact',
    'estimated',
    'estimated',
    'estimated',
    'estimated',
  ])
})

test('of the rows of a route each branch gets its share, and the join all of them', () => {
  const steps = resolve([
    { name: 'prompts', type: 'Prompts', route: { type: 'SampleSteps', params: { size: 1 } } },
    { ...judge('a', {}, ['prompts']), outputs: { rating: 'a' } },
    { ...judge('b', {}, ['prompts']), outputs: { rating: 'b' } },
    { name: 'both', type: 'CombineOutputs', after: ['a', 'b'] },
  ])
  const rows = estimateRows(steps, new Map([['prompts', { count: 10, certainty: 'exact' }]]))
  expect([...rows].map(([name, { count }]) => [name, count])).toEqual([
    ['prompts', 10],
    ['a', 5],
    ['b', 5],
    ['both', 10],
  ])
  expect(rows.get('a')?.certainty).toBe('estimated')
})

test('a limit, rows one after the other, and missing rows that are filled in count', () => {
  const steps = resolve([
    { name: 'prompts', type: 'Prompts' },
    { name: 'more', type: 'Prompts' },
    { name: 'all', type: 'Concatenate', after: ['prompts', 'more'] },
    { name: 'few', type: 'LimitRows', after: ['all'], params: { limit: 4 } },
    { name: 'many', type: 'LimitRows', after: ['all'], params: { limit: 100 } },
    { ...judge('count', {}, ['more']), outputs: { rating: 'x' } },
    { name: 'renamed', type: 'KeepColumns', after: ['count'], params: { columns: ['x'] } },
    { name: 'fewest', type: 'CombineOutputs', after: ['prompts', 'renamed'] },
    {
      name: 'most',
      type: 'CombineOutputs',
      after: ['prompts', 'renamed'],
      params: { onMissing: 'null' },
    },
  ])
  const sources = new Map<string, RowEstimate>([
    ['prompts', { count: 5, certainty: 'exact' }],
    ['more', { count: 8, certainty: 'exact' }],
  ])
  const rows = Object.fromEntries(estimateRows(steps, sources))
  expect(rows).toMatchObject({
    all: { count: 13, certainty: 'estimated' },
    few: { count: 4, certainty: 'at-most' },
    many: { count: 13, certainty: 'estimated' },
    fewest: { count: 5 },
    most: { count: 8 },
  })
  // A limit is known where nothing before it is.
  expect(estimateRows(steps, new Map()).get('few')).toEqual({ count: 4, certainty: 'at-most' })
})

test('behind a step that may make several rows of one, no number is a limit any longer', () => {
  const lists = {
    type: 'LoadDataFromDicts',
    name: 'prompts',
    params: { data: [{ prompt: ['a'] }] },
  }
  const expand = { name: 'expand', type: 'ExpandColumns', params: { columns: ['prompt'] } }
  const rows = estimateRows(
    resolve(chain(lists, expand)),
    new Map([['prompts', { count: 5, certainty: 'at-most' } as const]]),
  )
  expect(rows.get('expand')).toEqual({ count: 5, certainty: 'estimated' })
})
