import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineGenerator } from '../../../src/core/define-step.ts'
import { lookAtSource } from '../../../src/local/describe/look-at-source.ts'
import type { ResolvedStep } from '../../../src/core/resolve-pipeline.ts'
import { resolve } from '../../core/little-registry.ts'

const rows = Array.from({ length: 500 }, (_, id) => ({ id }))

function source(): ResolvedStep {
  const [step] = resolve([{ name: 'load', type: 'LoadDataFromDicts', params: { data: rows } }])
  if (step === undefined) throw new Error('There is no step.')
  return step
}

test('a source that takes long to read is read for a while, and then there are at least so many rows', async () => {
  const look = await lookAtSource(source(), {
    maxRows: undefined,
    workingFolder: '.',
    seed: 0,
    milliseconds: -1,
  })
  expect(look.rows).toEqual({ count: 200, certainty: 'at-least' })
  expect(look.notes).toEqual([
    "Counting the rows of 'load' was ended at 200; there are more, and their columns may differ.",
  ])
  expect(look.columns).toEqual({ id: { type: 'integer' } })
})

test('a source that gives no row in that time is left, and nothing is known of it', async () => {
  const slow = defineGenerator({
    type: 'Slow',
    isLocal: () => true,
    outputs: z.object({ id: z.number() }),
    async *generate(_, { signal }) {
      await setTimeout(60_000, undefined, { signal })
      yield { id: 1 }
    },
  }).definition
  const look = await lookAtSource(
    { ...source(), definition: slow },
    { maxRows: undefined, workingFolder: '.', seed: 0, milliseconds: 10 },
  )
  expect(look).toMatchObject({ rows: undefined, columns: undefined })
  expect(look.notes).toEqual([
    "The rows of 'load' take long to read, so that nothing is known of them.",
  ])
})

test('of a source that is read to its end the rows are exact, and the first are kept', async () => {
  const look = await lookAtSource(source(), { maxRows: undefined, workingFolder: '.', seed: 0 })
  expect(look).toMatchObject({ rows: { count: 500, certainty: 'exact' }, notes: [] })
  expect(look.sample).toEqual(rows.slice(0, 200))
})
