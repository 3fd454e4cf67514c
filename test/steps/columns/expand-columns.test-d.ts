import { expectTypeOf, test } from 'vitest'

import type { Simplify } from '../../../src/core/columns.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import { Pipeline } from '../../../src/core/pipeline.ts'
import { expandColumns } from '../../../src/steps/columns/expand-columns.ts'
import { textGeneration } from '../../../src/tasks/text-generation.ts'
import { simulated } from '../../../src/models/simulated/simulated-llm.ts'
import { loadDataFromDicts } from '../../../src/steps/sources/load-data-from-dicts.ts'

const data: readonly {
  readonly id: number
  readonly texts: readonly string[]
  readonly marks: number[]
  readonly json: string
}[] = [{ id: 1, texts: ['a'], marks: [1], json: '[]' }]
const lists = Pipeline.from('lists', loadDataFromDicts(data))
const llm = simulated()

test('items have the type that the items of their list have', () => {
  const rows = lists.step('expand', expandColumns({ columns: ['texts', 'marks'] }))
  expectTypeOf<Simplify<typeof rows.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly texts: string
    readonly marks: number
    readonly json: string
  }>()
  rows.step('ask', textGeneration({ llm }), { inputs: { instruction: 'texts' } })
  // @ts-expect-error 'marks' is a number
  rows.step('ask', textGeneration({ llm }), { inputs: { instruction: 'marks' } })
})

test('items that get another name leave their list as it is', () => {
  const rows = lists.step(
    'expand',
    expandColumns({ columns: { texts: 'text' }, inputBatchSize: 5 }),
  )
  expectTypeOf<Simplify<typeof rows.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly texts: readonly string[]
    readonly marks: number[]
    readonly json: string
    readonly text: string
  }>()
  // @ts-expect-error column 'id' is already written
  lists.step('expand', expandColumns({ columns: { texts: 'id' } }))
})

test('mapped columns are expanded under their own names', () => {
  const rows = lists.step('expand', expandColumns({ columns: ['items'] }), {
    inputs: { items: 'texts' },
    outputs: { items: 'text' },
  })
  expectTypeOf(rows.columns.text).toEqualTypeOf<string>()
  expectTypeOf(rows.columns.texts).toEqualTypeOf<readonly string[]>()
})

test('a list in JSON has items of any shape', () => {
  const rows = lists.step(
    'expand',
    expandColumns({ columns: ['json', 'texts'], encoded: ['json'] }),
  )
  expectTypeOf(rows.columns.json).toEqualTypeOf<JsonValue>()
  expectTypeOf(rows.columns.texts).toEqualTypeOf<string>()
  const all = lists.step('expand', expandColumns({ columns: ['json'], encoded: true }))
  expectTypeOf(all.columns.json).toEqualTypeOf<JsonValue>()
})

test('what is no list does not compile', () => {
  // @ts-expect-error column 'id' has another type than the step reads
  lists.step('expand', expandColumns({ columns: ['id'] }))
  // @ts-expect-error column 'txets' is read, but no earlier step writes it
  lists.step('expand', expandColumns({ columns: ['txets'] }))
  // @ts-expect-error column 'texts' is a list, no text that holds one
  lists.step('expand', expandColumns({ columns: ['texts'], encoded: true }))
})

test('behind columns whose names nobody knows the compiler checks nothing', () => {
  const columns: string[] = ['texts']
  const rows = lists.step('expand', expandColumns({ columns }))
  expectTypeOf(rows.columns).toBeAny()
})
