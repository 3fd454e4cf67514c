import { expectTypeOf, test } from 'vitest'

import type { Simplify } from '../../../src/core/columns.ts'
import { Pipeline } from '../../../src/core/pipeline.ts'
import { keepColumns } from '../../../src/steps/columns/keep-columns.ts'
import { mergeColumns } from '../../../src/steps/columns/merge-columns.ts'
import { truncateTextColumn } from '../../../src/steps/columns/truncate-text-column.ts'
import { loadDataFromDicts } from '../../../src/steps/sources/load-data-from-dicts.ts'

const data: readonly {
  readonly id: number
  readonly texts: readonly string[]
  readonly text: string
}[] = [{ id: 1, texts: ['a'], text: 'b' }]
const pipeline = Pipeline.from('columns', loadDataFromDicts(data))

test('merged columns become one of their items, and go', () => {
  const merged = pipeline.step('merge', mergeColumns({ columns: ['texts', 'text'] }))
  expectTypeOf<Simplify<typeof merged.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly merged_column: readonly string[]
  }>()
  const mixed = pipeline.step(
    'merge',
    mergeColumns({ columns: ['id', 'text'], outputColumn: 'id' }),
  )
  expectTypeOf<Simplify<typeof mixed.columns>>().toEqualTypeOf<{
    readonly texts: readonly string[]
    readonly id: readonly (string | number)[]
  }>()
})

test('columns that are merged under other names go as well', () => {
  const merged = pipeline.step('merge', mergeColumns({ columns: ['a', 'b'] }), {
    inputs: { a: 'texts', b: 'id' },
    outputs: { merged_column: 'all' },
  })
  expectTypeOf<Simplify<typeof merged.columns>>().toEqualTypeOf<{
    readonly text: string
    readonly all: readonly (string | number)[]
  }>()
})

test('merging a column that is not there, or into one that is, does not compile', () => {
  // @ts-expect-error column 'txet' is read, but no earlier step writes it
  pipeline.step('merge', mergeColumns({ columns: ['txet'] }))
  // @ts-expect-error column 'id' is already written
  pipeline.step('merge', mergeColumns({ columns: ['text'], outputColumn: 'id' }))
})

test('columns of which nobody knows the type are merged and kept as well', () => {
  const anything: readonly { readonly any: unknown; readonly id: number }[] = [{ any: 1, id: 1 }]
  const unknowns = Pipeline.from('unknowns', loadDataFromDicts(anything))
  const merged = unknowns.step('merge', mergeColumns({ columns: ['any', 'id'] }))
  expectTypeOf(merged.columns.merged_column).toEqualTypeOf<readonly unknown[]>()
  const kept = unknowns.step('keep', keepColumns({ columns: ['any'] }))
  expectTypeOf<Simplify<typeof kept.columns>>().toEqualTypeOf<{ readonly any: unknown }>()
})

test('a column that has gone can be neither read nor is it in the way', () => {
  const merged = pipeline.step('merge', mergeColumns({ columns: ['texts', 'text'] }))
  // @ts-expect-error column 'text' is read, but no earlier step writes it
  merged.step('cut', truncateTextColumn())
  merged.step('again', mergeColumns({ columns: ['id'], outputColumn: 'text' }))
})

test('kept columns are the only ones', () => {
  const kept = pipeline.step('keep', keepColumns({ columns: ['text', 'id'] }))
  expectTypeOf<Simplify<typeof kept.columns>>().toEqualTypeOf<{
    readonly text: string
    readonly id: number
  }>()
  // @ts-expect-error column 'txet' is read, but no earlier step writes it
  pipeline.step('keep', keepColumns({ columns: ['txet'] }))
  const columns: string[] = ['text']
  expectTypeOf(pipeline.step('keep', keepColumns({ columns })).columns).toBeAny()
})

test('a column that is cut is a text', () => {
  const cut = pipeline.step('cut', truncateTextColumn({ maxLength: 5 }))
  expectTypeOf(cut.columns.text).toEqualTypeOf<string>()
  const other = pipeline.step('cut', truncateTextColumn(), { outputs: { text: 'short' } })
  expectTypeOf(other.columns.short).toEqualTypeOf<string>()
  // @ts-expect-error column 'id' has another type than the step reads
  pipeline.step('cut', truncateTextColumn({ column: 'id' }))
})
