import { expect, test } from 'vitest'

import { planMode } from '../../src/core/task-mode.ts'

const basis = {
  params: {},
  hasJobs: true,
  offersJobs: true,
  rows: 1_000,
  isAttended: false,
  areOthersGoing: false,
}

test.each([
  ['nobody says anything', {}, 'online'],
  ['it is told online', { params: { mode: 'online' } }, 'online'],
  ['it is told batch, however few rows there are', { params: { mode: 'batch' }, rows: 1 }, 'batch'],
  ['it is told auto, has many rows and nobody waits', { params: { mode: 'auto' } }, 'batch'],
  ['it is told auto and somebody waits', { params: { mode: 'auto' }, isAttended: true }, 'online'],
  ['it is told auto and has few rows', { params: { mode: 'auto' }, rows: 499 }, 'online'],
  ['it is told auto without jobs', { params: { mode: 'auto' }, hasJobs: false }, 'online'],
  [
    'it is told auto and its server may have none',
    { params: { mode: 'auto' }, offersJobs: false },
    'online',
  ],
  ['jobs of others ask the same model', { areOthersGoing: true }, 'awaits'],
] as const)('where %s, a step is planned %j', (_, given, mode) => {
  expect(planMode({ ...basis, ...given })).toBe(mode)
})
