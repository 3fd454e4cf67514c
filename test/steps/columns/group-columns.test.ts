import { expect, test } from 'vitest'

import type { BranchColumns, ColumnSchemas } from '../../../src/core/step.ts'
import { groupColumnsDefinition } from '../../../src/steps/columns/group-columns.ts'

const text = { type: 'string' }
const branch = (name: string, own: ColumnSchemas): BranchColumns => ({
  name,
  columns: { id: { type: 'integer' }, ...own },
  written: Object.keys(own),
})
const branches = [
  branch('a', { answer: text, model_name: text }),
  branch('b', { answer: text, model_name: text, extra: text }),
]

test('each named column becomes a list, in the order of the branches', () => {
  const rows = [
    { id: 1, answer: 'x', model_name: 'm1' },
    { id: 1, answer: 'y', model_name: 'm2', extra: 'z' },
  ]
  const params = { columns: ['answer', 'model_name'], outputColumns: ['answers', 'models'] }
  expect(groupColumnsDefinition.join(rows, branches, params)).toEqual({
    id: 1,
    answers: ['x', 'y'],
    models: ['m1', 'm2'],
  })
  expect(groupColumnsDefinition.columns(params, branches, 'g')).toEqual({
    id: { type: 'integer' },
    answers: { type: 'array', items: text },
    models: { type: 'array', items: text },
  })
})

test('a list is named after its column where nothing else is said', () => {
  const params = { columns: ['answer'] }
  const joined = groupColumnsDefinition.join([{ answer: 'x' }, { answer: 'y' }], branches, params)
  expect(joined).toEqual({ grouped_answer: ['x', 'y'] })
  expect(Object.keys(groupColumnsDefinition.columns(params, branches, 'g'))).toEqual([
    'id',
    'grouped_answer',
  ])
})

test('a list may have the name of its column', () => {
  const params = { columns: ['answer'], outputColumns: ['answer'] }
  expect(groupColumnsDefinition.columns(params, branches, 'g')).toHaveProperty('answer.items', text)
})

test('a value that is not there is null in the list', () => {
  const joined = groupColumnsDefinition.join([{ answer: 'x' }, {}], branches, {
    columns: ['answer'],
  })
  expect(joined).toEqual({ grouped_answer: ['x', null] })
})

test('a list of columns of different types once had the type of the first', () => {
  const mixed = [branch('a', { answer: text }), branch('b', { answer: { type: 'integer' } })]
  const columns = groupColumnsDefinition.columns({ columns: ['answer'] }, mixed, 'g')
  expect(columns['grouped_answer']).toEqual({ type: 'array', items: {} })
})
