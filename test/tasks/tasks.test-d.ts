import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import { defineStep } from '../../src/core/define-step.ts'
import { Pipeline } from '../../src/core/pipeline.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { loadDataFromDicts } from '../../src/steps/sources/load-data-from-dicts.ts'
import { selfInstruct } from '../../src/tasks/self-instruct.ts'
import { structuredGeneration } from '../../src/tasks/structured-generation.ts'
import { textGeneration } from '../../src/tasks/text-generation.ts'
import { textGenerationWithImage } from '../../src/tasks/text-generation-with-image.ts'
import { ultraFeedback } from '../../src/tasks/ultra-feedback.ts'

const llm = simulated()
const asked = Pipeline.from('asked', loadDataFromDicts([{ instruction: 'Why?', input: 'x' }]))
const candidates = asked
  .branch({
    first: (p) => p.step('first', textGeneration({ llm })),
    second: (p) => p.step('second', textGeneration({ llm })),
  })
  .group('candidates', { generation: 'generations', model_name: 'generation_models' })
const best = defineStep({
  type: 'Best',
  inputs: z.object({
    generations: z.array(z.string()),
    ratings: z.array(z.number().nullable()),
  }),
  outputs: z.object({ best: z.string() }),
  *process(rows) {
    for (const { generations } of rows) yield { best: generations[0] ?? '' }
  },
})

test('grouped generations are rated, and a step behind reads the ratings', () => {
  const judged = candidates.step('judge', ultraFeedback({ llm }))
  expectTypeOf(judged.columns.ratings).toEqualTypeOf<(number | null)[]>()
  expectTypeOf(judged.columns.rationales).toEqualTypeOf<string[]>()
  expectTypeOf(judged.columns.model_name).toEqualTypeOf<string>()
  expectTypeOf(judged.step('best', best()).columns.best).toEqualTypeOf<string>()
  // @ts-expect-error nobody has rated yet
  candidates.step('best', best())
})

test('an aspect decides which columns there are', () => {
  const typed = candidates.step('judge', ultraFeedback({ llm, aspect: 'truthfulness' }))
  expectTypeOf(typed.columns.types).toEqualTypeOf<(number | null)[]>()
  expectTypeOf(typed.columns['rationales-for-ratings']).toEqualTypeOf<string[]>()
  const untyped = candidates.step('judge', ultraFeedback({ llm, aspect: 'honesty' }))
  // @ts-expect-error honesty has no types
  void untyped.columns.types
  // @ts-expect-error there is no such aspect
  ultraFeedback({ llm, aspect: 'style' })
})

test('grouped judgements are lists of lists', () => {
  const grouped = ultraFeedback({ llm, numGenerations: 2, groupGenerations: true })
  expectTypeOf(candidates.step('judge', grouped).columns.ratings).toEqualTypeOf<
    (number | null)[][]
  >()
})

test('one generation alone is no list to rate', () => {
  const answered = asked.step('answer', textGeneration({ llm }))
  // @ts-expect-error column 'generations' is read, but no earlier step writes it
  answered.step('judge', ultraFeedback({ llm }))
})

test('instructions are made of a text, and a step behind reads the list', () => {
  const made = asked.step('ask', selfInstruct({ llm }))
  expectTypeOf(made.columns.instructions).toEqualTypeOf<string[]>()
  const count = defineStep({
    type: 'Count',
    inputs: z.object({ instructions: z.array(z.string()) }),
    outputs: z.object({ total: z.number() }),
    *process(rows) {
      for (const { instructions } of rows) yield { total: instructions.length }
    },
  })
  expectTypeOf(made.step('count', count()).columns.total).toEqualTypeOf<number>()
  // @ts-expect-error there is no column 'nothing'
  asked.step('ask', selfInstruct({ llm }), { inputs: { input: 'nothing' } })
})

test('a question about an image needs one, beside the columns of its template', () => {
  const photos = Pipeline.from('photos', loadDataFromDicts([{ topic: 'sky', image: 'a.png' }]))
  const params = { llm, template: '{{ topic }}?', columns: 'topic', imageType: 'file' } as const
  const asked = photos.step('ask', textGenerationWithImage(params))
  expectTypeOf(asked.columns.generation).toEqualTypeOf<string>()
  // @ts-expect-error there is no image
  asked.keep('topic').step('again', textGenerationWithImage(params))
})

test('a row says what its answer has to be, as an object or as JSON', () => {
  const format = { format: 'json', schema: { type: 'object' } }
  for (const structured_output of [format, JSON.stringify(format)]) {
    const rows = Pipeline.from(
      'rows',
      loadDataFromDicts([{ instruction: 'Who?', structured_output }]),
    )
    expectTypeOf(
      rows.step('ask', structuredGeneration({ llm })).columns.generation,
    ).toEqualTypeOf<string>()
  }
  // @ts-expect-error nobody says it
  asked.step('ask', structuredGeneration({ llm }))
})
