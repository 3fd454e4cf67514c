import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import type { Simplify } from '../../src/core/columns.ts'
import { defineGeneratorTask } from '../../src/core/define-generator-task.ts'
import { defineGlobalStep } from '../../src/core/define-step.ts'
import { Pipeline } from '../../src/core/pipeline.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { deduplicateRows } from '../../src/steps/rows/deduplicate-rows.ts'
import { limitRows } from '../../src/steps/rows/limit-rows.ts'
import { shuffleRows } from '../../src/steps/rows/shuffle-rows.ts'
import { loadDataFromDicts } from '../../src/steps/sources/load-data-from-dicts.ts'

const llm = simulated()
const questions = Pipeline.from('questions', loadDataFromDicts([{ question: 'Why?', id: 1 }]))
const names = Pipeline.from('names', loadDataFromDicts([{ name: 'Ada' }]), { step: 'names' })
const poems = defineGeneratorTask({
  type: 'Poems',
  params: z.object({ language: z.string(), lines: z.number().default(4) }),
  outputs: z.object({ poem: z.string() }),
  formatInput: ({ params, random }) => {
    expectTypeOf(params).toEqualTypeOf<{ language: string; lines: number }>()
    expectTypeOf(random()).toEqualTypeOf<number>()
    return [user(`A poem of ${params.lines} lines in ${params.language}.`)]
  },
  formatOutput: (text) => ({ poem: text }),
})

test('generators that are merged stand side by side', () => {
  const merged = Pipeline.combine('both', { questions, names }).merge('both')
  expectTypeOf<Simplify<typeof merged.columns>>().toEqualTypeOf<{
    readonly question: string
    readonly id: number
    readonly name: string
  }>()
  const filled = Pipeline.combine('both', { questions, names }).merge('both', { onMissing: 'null' })
  expectTypeOf<Simplify<typeof filled.columns>>().toEqualTypeOf<{
    readonly question: string | null
    readonly id: number | null
    readonly name: string | null
  }>()
})

test('generators that are grouped leave nothing but the lists', () => {
  const others = Pipeline.from('others', loadDataFromDicts([{ question: 5 }]), { step: 'others' })
  const grouped = Pipeline.combine('both', { questions, others }).group('all', {
    question: 'questions',
  })
  expectTypeOf<Simplify<typeof grouped.columns>>().toEqualTypeOf<{
    readonly questions: (string | number)[]
  }>()
  // @ts-expect-error no branch has a column 'questoin'
  Pipeline.combine('both', { questions, others }).group('all', { questoin: 'questions' })
})

test('rows one after the other have the columns of all, null where they lack one', () => {
  const stacked = Pipeline.combine('all', { questions, names }).concatenate('all')
  expectTypeOf<Simplify<typeof stacked.columns>>().toEqualTypeOf<{
    readonly question: string | null
    readonly id: number | null
    readonly name: string | null
  }>()
  const alike = Pipeline.combine('all', {
    questions,
    more: Pipeline.from('m', loadDataFromDicts([{ question: 'How?', id: 2 }]), { step: 'more' }),
  }).concatenate('all')
  expectTypeOf<Simplify<typeof alike.columns>>().toEqualTypeOf<{
    readonly question: string
    readonly id: number
  }>()
})

test('branches of one pipeline are put one after the other as well', () => {
  const stacked = questions
    .branch({ both: (p) => p.step('few', limitRows({ limit: 1 })), ids: (p) => p.keep('id') })
    .concatenate('all')
  expectTypeOf<Simplify<typeof stacked.columns>>().toEqualTypeOf<{
    readonly question: string | null
    readonly id: number
  }>()
})

test('rows are deduplicated by columns that are there', () => {
  const kept = questions
    .step('distinct', deduplicateRows({ columns: ['question'] }))
    .step('shuffle', shuffleRows())
    .step('whole', deduplicateRows())
  expectTypeOf<Simplify<typeof kept.columns>>().toEqualTypeOf<{
    readonly question: string
    readonly id: number
  }>()
  // @ts-expect-error column 'questoin' is read, but no earlier step writes it
  questions.step('distinct', deduplicateRows({ columns: ['questoin'] }))
  const mapped = questions.step('distinct', deduplicateRows({ columns: ['key'] }), {
    inputs: { key: 'id' },
  })
  expectTypeOf<keyof typeof mapped.columns>().toEqualTypeOf<'question' | 'id'>()
  // @ts-expect-error a list of no columns compares nothing
  deduplicateRows({ columns: [] })
  // @ts-expect-error 'limit' is needed
  limitRows()
})

test('a global step of its own reads and writes columns as any other', () => {
  const rank = defineGlobalStep({
    type: 'Rank',
    params: z.object({ descending: z.boolean().default(false) }),
    inputs: z.object({ id: z.number() }),
    outputs: z.object({ rank: z.number() }),
    digest: ({ row }, { params }) => {
      expectTypeOf(row).toEqualTypeOf<{ id: number }>()
      expectTypeOf(params.descending).toEqualTypeOf<boolean>()
      return new Uint8Array([row.id])
    },
    make: (_row, decision) => ({ rank: decision[0] ?? 0 }),
  })
  const ranked = questions.step('rank', rank())
  expectTypeOf(ranked.columns.rank).toEqualTypeOf<number>()
  // @ts-expect-error column 'id' is read, but no earlier step writes it
  names.step('rank', rank())
  // @ts-expect-error column 'rank' is already written
  ranked.step('again', rank({ descending: true }))
  const first = defineGlobalStep({
    type: 'First',
    inputs: z.object({}),
    outputs: z.object({}),
    make: () => ({}),
  })
  const kept = questions.step('first', first())
  expectTypeOf(kept.columns.question).toEqualTypeOf<string>()
  defineGlobalStep({
    type: 'Wrong',
    inputs: z.object({}),
    outputs: z.object({ rank: z.number() }),
    // @ts-expect-error a rank is a number
    make: () => ({ rank: 'first' }),
  })
})

test('a task that begins a pipeline writes its columns and the model', () => {
  const pipeline = Pipeline.from('poems', poems({ llm, language: 'English', numRows: 5 }))
  expectTypeOf<Simplify<typeof pipeline.columns>>().toEqualTypeOf<{
    poem: string
    readonly model_name: string
  }>()
  const grouped = Pipeline.from(
    'poems',
    poems({ llm, language: 'Dutch', numRows: 5, numGenerations: 2, groupGenerations: true }),
  )
  expectTypeOf(grouped.columns.poem).toEqualTypeOf<string[]>()
  // @ts-expect-error 'language' is needed
  poems({ llm, numRows: 5 })
  // @ts-expect-error it reads no rows, so that it comes behind none
  questions.step('poems', poems({ llm, language: 'English', numRows: 5 }))
})

test('how many rows are made changes nothing about their columns', () => {
  const some = questions.rows({ accepted: 5, atMost: 10 })
  expectTypeOf(some).toEqualTypeOf(questions)
  // @ts-expect-error 'atMost' is needed
  questions.rows({ accepted: 5 })
})
