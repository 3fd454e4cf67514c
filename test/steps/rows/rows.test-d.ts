import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import type { Simplify } from '../../../src/core/columns.ts'
import { Pipeline } from '../../../src/core/pipeline.ts'
import { deriveColumns } from '../../../src/steps/rows/derive-columns.ts'
import { filterRows } from '../../../src/steps/rows/filter-rows.ts'
import { mapRows } from '../../../src/steps/rows/map-rows.ts'
import { sampleRows } from '../../../src/steps/rows/sample-rows.ts'
import { loadDataFromDicts } from '../../../src/steps/sources/load-data-from-dicts.ts'

const texts = Pipeline.from('texts', loadDataFromDicts([{ id: 1, text: 'a' }]))
const inputs = z.object({ text: z.string() })
const longOnly = filterRows({
  type: 'LongOnly',
  params: z.object({ atLeast: z.int().default(3), unit: z.string() }),
  inputs,
  keep(row, { params, random }) {
    expectTypeOf(row).toEqualTypeOf<{ text: string }>()
    expectTypeOf(params).toEqualTypeOf<{ atLeast: number; unit: string }>()
    return random() < row.text.length
  },
})
const upper = mapRows({
  type: 'Upper',
  inputs,
  outputs: z.object({ TEXT: z.string() }),
  map: ({ text }) => [{ TEXT: text.toUpperCase() }],
})
const size = deriveColumns({
  type: 'Size',
  inputs,
  outputs: z.object({ size: z.int() }),
  derive: ({ text }) => ({ size: text.length }),
})

test('rows that pass a filter have the same columns', () => {
  const passed = texts.step('long', longOnly({ unit: 'x' })).step('some', sampleRows({ oneIn: 2 }))
  expectTypeOf<Simplify<typeof passed.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly text: string
  }>()
  // @ts-expect-error the parameter 'unit' is needed
  longOnly()
  // @ts-expect-error only one of the two can be given
  sampleRows({ oneIn: 2, probability: 0.5 })
  // @ts-expect-error one of the two is needed
  sampleRows({})
})

test('mapped rows have only the columns that are made', () => {
  const mapped = texts.step('upper', upper())
  expectTypeOf<Simplify<typeof mapped.columns>>().toEqualTypeOf<{ TEXT: string }>()
  // @ts-expect-error column 'text' is read, but no earlier step writes it
  mapped.step('size', size())
  const renamed = texts.step('upper', upper(), { outputs: { TEXT: 'id' } })
  expectTypeOf<Simplify<typeof renamed.columns>>().toEqualTypeOf<{ id: string }>()
})

test('derived columns are there beside the others', () => {
  const sized = texts.step('size', size())
  expectTypeOf<Simplify<typeof sized.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly text: string
    size: number
  }>()
  // @ts-expect-error column 'size' is already written
  sized.step('again', size())
})

test('functions must return what is said of them', () => {
  const outputs = z.object({ size: z.int() })
  // @ts-expect-error a promise is neither true nor false
  filterRows({ type: 'Wrong', inputs, keep: async () => true })
  // @ts-expect-error 'size' is a number
  deriveColumns({ type: 'Wrong', inputs, outputs, derive: () => ({ size: 'x' }) })
  // @ts-expect-error 'size' is missing
  mapRows({ type: 'Wrong', inputs, outputs, map: () => [{}] })
  // @ts-expect-error there is no column 'txet'
  filterRows({ type: 'Wrong', inputs, keep: ({ txet }) => txet === '' })
})

test('a step that names no columns once fitted behind none', () => {
  const rows = Pipeline.from('rows', loadDataFromDicts([{ text: 'a', id: 1 }]))
  const half = filterRows({
    type: 'Half',
    inputs: z.object({}),
    keep: (_row, { random }) => random() < 0.5,
  })
  const marked = deriveColumns({
    type: 'Marked',
    inputs: z.object({}),
    outputs: z.object({ mark: z.number() }),
    derive: (_row, { random }) => ({ mark: random() }),
  })
  const made = rows.step('half', half()).step('marked', marked())
  expectTypeOf(made.columns.text).toEqualTypeOf<string>()
  expectTypeOf(made.columns.mark).toEqualTypeOf<number>()
  const numbers = mapRows({
    type: 'Numbers',
    inputs: z.object({}),
    outputs: z.object({ number: z.number() }),
    map: (_row, { random }) => ({ number: random() }),
  })
  expectTypeOf(made.step('numbers', numbers()).columns.number).toEqualTypeOf<number>()
})
