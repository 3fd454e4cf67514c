import { expect, test } from 'vitest'

import { previewedRows } from '../../src/cli/previewed-rows.ts'
import type { StepRows } from '../../src/client/read-steps.ts'
import { littlePlan } from '../core/little-plan.ts'

const made = (name: string, rows: Readonly<Record<string, object>>): StepRows => ({
  name,
  type: 'X',
  rows: Object.entries(rows).map(([origin, row]) => ({ origin, identity: '', row: { ...row } })),
  rejected: [],
})

test('a row that is put behind others is shown with the row that it was', () => {
  const plan = littlePlan(
    [
      { batchSize: 1, after: [0] },
      { batchSize: 1, after: [0] },
      { batchSize: 1, after: [1, 2] },
    ],
    1,
  )
  const steps = plan.steps.map((step, index) => (index === 3 ? { ...step, kind: 'global' } : step))
  const shown = previewedRows({ ...plan, steps: steps as typeof plan.steps }, [
    made('s0', { 0: { id: 1 } }),
    made('s1', { 0: { id: 1, a: 'one' } }),
    made('s2', { 0: { id: 1, b: 'two' } }),
    made('s3', { '0.i0': { id: 1, a: 'one', b: null }, '0.i1': { id: 1, a: null, b: 'two' } }),
  ])
  expect(shown.filter(({ step }) => step === 's3').map(({ input }) => input)).toEqual([
    { id: 1, a: 'one' },
    { id: 1, b: 'two' },
  ])
})
