import { expectTypeOf, test } from 'vitest'

import { Pipeline } from '../../../src/core/pipeline.ts'
import { prepareExamples } from '../../../src/steps/formats/prepare-examples.ts'
import { dataSampler } from '../../../src/steps/sources/data-sampler.ts'

test('the columns of a sample are lists of what the rows hold', () => {
  const sampled = Pipeline.from('s', dataSampler({ data: [{ query: 'a', answers: 'b', id: 1 }] }))
  expectTypeOf(sampled.columns).toEqualTypeOf<{
    readonly query: string[]
    readonly answers: string[]
    readonly id: number[]
  }>()
  sampled.step('examples', prepareExamples())
  const numbers = Pipeline.from('s', dataSampler({ data: [{ query: 1, answers: 'b' }] }))
  // @ts-expect-error column 'query' has another type than the step reads
  numbers.step('examples', prepareExamples())
})
