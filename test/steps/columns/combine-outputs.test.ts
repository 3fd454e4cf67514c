import { expect, test } from 'vitest'

import type { BranchColumns } from '../../../src/core/step.ts'
import { combineOutputsDefinition } from '../../../src/steps/columns/combine-outputs.ts'
import { errorOf } from '../../core/error-of.ts'

const text = { type: 'string' }
const branch = (name: string, ...own: string[]): BranchColumns => ({
  name,
  columns: Object.fromEntries(['id', ...own].map((column) => [column, text])),
  written: own,
})

test('columns of all branches stand side by side', () => {
  const branches = [branch('a', 'x'), branch('b', 'y', 'z')]
  expect(Object.keys(combineOutputsDefinition.columns({}, branches, 'both'))).toEqual([
    'id',
    'x',
    'y',
    'z',
  ])
  const rows = [
    { id: '1', x: 'x' },
    { id: '1', y: 'y', z: 'z' },
  ]
  expect(combineOutputsDefinition.join(rows, branches, {})).toEqual({
    id: '1',
    x: 'x',
    y: 'y',
    z: 'z',
  })
})

test("of model_name the last branch's stays", () => {
  const branches = [branch('a', 'x', 'model_name'), branch('b', 'y', 'model_name')]
  expect(combineOutputsDefinition.columns({}, branches, 'both')).toHaveProperty('model_name')
  const rows = [
    { x: 'x', model_name: 'm1' },
    { y: 'y', model_name: 'm2' },
  ]
  expect(combineOutputsDefinition.join(rows, branches, {})).toEqual({
    x: 'x',
    y: 'y',
    model_name: 'm2',
  })
  expect(combineOutputsDefinition.join([rows[0], undefined], branches, {})).toEqual({
    x: 'x',
    y: null,
    model_name: 'm1',
  })
})

test('a column that two branches write is refused with both and what to do', () => {
  const branches = [branch('a', 'x'), branch('b', 'y'), branch('c', 'x')]
  const error = errorOf(() => combineOutputsDefinition.columns({}, branches, 'all'))
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("Step 'all' gets column 'x' from branch 'a' and from branch 'c'")
  expect(error.message).toContain("'outputs'")
})
