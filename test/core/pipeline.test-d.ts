import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import type { Simplify } from '../../src/core/columns.ts'
import { defineRoute } from '../../src/core/define-route.ts'
import { defineStep } from '../../src/core/define-step.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { Pipeline } from '../../src/core/pipeline.ts'
import { user } from '../../src/core/chat.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { loadDataFromDicts } from '../../src/steps/sources/load-data-from-dicts.ts'
import { loadDataFromFileSystem } from '../../src/steps/sources/load-data-from-file-system.ts'
import { sampleSteps } from '../../src/steps/routes/sample-steps.ts'
import { textGeneration } from '../../src/tasks/text-generation.ts'

const llm = simulated()
const seeds = Pipeline.from('seeds', loadDataFromDicts([{ prompt: 'Why?', id: 1 }]))
const count = defineStep({
  type: 'Count',
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ length: z.number() }),
  *process(rows) {
    for (const { prompt } of rows) yield { length: prompt.length }
  },
})
const judge = defineTask({
  type: 'Judge',
  params: z.object({ aspect: z.string(), strict: z.boolean().default(false) }),
  inputs: z.object({ prompt: z.string(), generations: z.array(z.string()) }),
  outputs: z.object({ ratings: z.array(z.number()) }),
  formatInput: ({ prompt, generations }, { params }) => [
    user(`${params.aspect}: ${prompt} ${generations.length}`),
  ],
  formatOutput: () => ({ ratings: [1] }),
})

test('a pipeline knows the columns that its steps add', () => {
  const counted = seeds.step('count', count())
  expectTypeOf<Simplify<typeof counted.columns>>().toEqualTypeOf<{
    readonly prompt: string
    readonly id: number
    length: number
  }>()
})

test('a step that reads a column which nobody writes does not compile', () => {
  const other = Pipeline.from('other', loadDataFromDicts([{ text: 'Why?' }]))
  // @ts-expect-error column 'prompt' is read, but no earlier step writes it
  other.step('count', count())
})

test('a column of another type does not compile', () => {
  const numbers = Pipeline.from('numbers', loadDataFromDicts([{ prompt: 5 }]))
  // @ts-expect-error column 'prompt' has another type than the step reads
  numbers.step('count', count())
})

test('a column that is there already does not compile, and renaming it does', () => {
  const counted = seeds.step('count', count())
  // @ts-expect-error column 'length' is already written
  counted.step('again', count())
  const renamed = counted.step('again', count(), { outputs: { length: 'second_length' } })
  expectTypeOf(renamed.columns.second_length).toEqualTypeOf<number>()
})

test('inputs are mapped to columns of the same type only', () => {
  const generated = seeds.step('answer', textGeneration({ llm }), {
    inputs: { instruction: 'prompt' },
  })
  expectTypeOf(generated.columns.generation).toEqualTypeOf<string>()
  // @ts-expect-error 'id' is a number
  seeds.step('answer', textGeneration({ llm }), { inputs: { instruction: 'id' } })
})

test('columns behind a task were once open to every name', () => {
  const answered = seeds.step('answer', textGeneration({ llm }), {
    inputs: { instruction: 'prompt' },
  })
  const shorten = defineStep({
    type: 'Shorten',
    inputs: z.object({ answer: z.string() }),
    outputs: z.object({ short: z.string() }),
    *process(rows) {
      for (const { answer } of rows) yield { short: answer.slice(0, 9) }
    },
  })
  // @ts-expect-error column 'answer' is read, but no earlier step writes it
  answered.step('shorten', shorten())
  const shortened = answered.step('shorten', shorten(), { inputs: { answer: 'generation' } })
  expectTypeOf(shortened.columns.short).toEqualTypeOf<string>()
})

test('grouped generations are lists, also of the model name', () => {
  const grouped = seeds.step(
    'answer',
    textGeneration({
      llm,
      columns: 'prompt',
      template: '{{ prompt }}',
      numGenerations: 2,
      groupGenerations: true,
    }),
  )
  expectTypeOf(grouped.columns.generation).toEqualTypeOf<string[]>()
  expectTypeOf(grouped.columns.model_name).toEqualTypeOf<string[]>()
})

test('branches are grouped into lists and judged', () => {
  const grouped = seeds
    .branch({
      first: (p) =>
        p.step('first', textGeneration({ llm, columns: ['prompt'], template: '{{ prompt }}' })),
      second: (p) =>
        p.step('second', textGeneration({ llm, columns: ['prompt'], template: '{{ prompt }}' })),
    })
    .group('candidates', { generation: 'generations' })
  const judged = grouped.step('judge', judge({ llm, aspect: 'honesty' }))
  expectTypeOf(judged.columns.ratings).toEqualTypeOf<number[]>()
  // @ts-expect-error no branch writes 'generatoin'
  seeds.branch({ first: (p) => p.step('first', count()) }).group('candidates', { generatoin: 'x' })
})

test('merged branches stand side by side', () => {
  const merged = seeds
    .branch({
      first: (p) => p.step('first', count(), { outputs: { length: 'x' } }),
      second: (p) => p.step('second', count(), { outputs: { length: 'y' } }),
    })
    .merge('both')
  expectTypeOf<Simplify<typeof merged.columns>>().toEqualTypeOf<{
    readonly prompt: string
    readonly id: number
    x: number
    y: number
  }>()
})

test('a route reads columns that are there, and what it may leave out can be null', () => {
  const byId = defineRoute({
    type: 'ById',
    inputs: z.object({ id: z.number() }),
    choose: ({ id }, { branches }) => branches.slice(id),
  })
  const byLanguage = defineRoute({
    type: 'ByLanguage',
    inputs: z.object({ language: z.string() }),
    choose: ({ language }) => [language],
  })
  const branches = {
    first: (p: typeof seeds) => p.step('first', count(), { outputs: { length: 'x' } }),
    second: (p: typeof seeds) => p.step('second', count(), { outputs: { length: 'y' } }),
  } as const
  const merged = seeds.branch(branches, { route: byId() }).merge('both')
  expectTypeOf<Simplify<typeof merged.columns>>().toEqualTypeOf<{
    readonly prompt: string
    readonly id: number
    readonly x: number | null
    readonly y: number | null
  }>()
  const filled = seeds.branch(branches).merge('both', { onMissing: 'null' })
  expectTypeOf(filled.columns.x).toEqualTypeOf<number | null>()
  seeds.branch(branches, { route: sampleSteps(1) })
  // @ts-expect-error no step writes 'language', which the route reads
  seeds.branch(branches, { route: byLanguage() })
})

test('a branch that ends alone takes no part in what is joined', () => {
  const grouped = seeds
    .branch({
      first: (p) => p.step('first', count()),
      second: (p) => p.step('second', count()),
      archive: (p) => p.step('archive', count(), { outputs: { length: 'size' } }).leaf(),
    })
    .group('all', { length: 'lengths' })
  expectTypeOf(grouped.columns.lengths).toEqualTypeOf<number[]>()
  const archive = (p: typeof seeds) =>
    p.step('archive', count(), { outputs: { length: 'size' } }).leaf()
  // @ts-expect-error the branch that writes 'size' ends alone
  seeds.branch({ archive }).group('g', { size: 'sizes' })
})

test('grouped values may be null where a branch may lack the row', () => {
  const grouped = seeds
    .branch({ first: (p) => p.step('first', count()), second: (p) => p.step('second', count()) })
    .group('all', { length: 'lengths' }, { onMissing: 'null' })
  expectTypeOf(grouped.columns.lengths).toEqualTypeOf<(number | null)[]>()
})

test('kept columns are the only ones', () => {
  const kept = seeds.step('count', count()).keep('length', 'prompt')
  expectTypeOf(kept.columns).toEqualTypeOf<{ length: number; readonly prompt: string }>()
  // @ts-expect-error there is no column 'size'
  seeds.keep('size')
})

test('a parameter that is missing does not compile', () => {
  // @ts-expect-error 'aspect' is needed
  judge({ llm })
})

test('a task run alone gives the rows with the columns that it adds', async () => {
  const rows = await judge({ llm, aspect: 'truth' }).process([
    { prompt: 'Why?', generations: ['so'], id: 7 },
  ])
  expectTypeOf(rows).items.toHaveProperty('ratings')
  expectTypeOf(rows).items.toHaveProperty('id')
})

test('files whose columns nobody declared take every reader', () => {
  const files = Pipeline.from('files', loadDataFromFileSystem({ dataFiles: 'prompts.jsonl' }))
  files.step('count', count())
  const typed = Pipeline.from(
    'files',
    loadDataFromFileSystem({
      dataFiles: 'prompts.jsonl',
      columns: z.object({ prompt: z.string() }),
    }),
  )
  expectTypeOf(typed.columns).toEqualTypeOf<{ prompt: string }>()
})
