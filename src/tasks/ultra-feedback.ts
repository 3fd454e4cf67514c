import { z } from 'zod'

import { defineTask } from '../core/define-task.ts'
import type { TaskOutput, TaskStep } from '../core/define-task.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'
import { aspectNames, rubrics } from './ultra-feedback/aspects.ts'
import type { Aspect } from './ultra-feedback/aspects.ts'
import { exampleAnswer } from './ultra-feedback/example-answer.ts'
import { judgeMessages } from './ultra-feedback/judge-messages.ts'
import { readRatings } from './ultra-feedback/read-ratings.ts'

const ratings = z.array(z.int().min(1).max(5).nullable())
const texts = z.array(z.string())
const ratingColumns = z.object({ ratings, rationales: texts })
const typedColumns = z.object({
  types: z.array(z.int().min(1).nullable()),
  rationales: texts,
  ratings,
  'rationales-for-ratings': texts,
})

const task = defineTask({
  type: 'UltraFeedback',
  version: '1',
  papers: ['2310.01377'],
  params: z.object({ aspect: z.enum(aspectNames).default('overall-rating') }),
  inputs: z.object({ instruction: z.string(), generations: z.array(z.string()).min(1) }),
  outputs: ratingColumns,
  outputSchema: ({ aspect }) =>
    rubrics[aspect].types === undefined ? ratingColumns : typedColumns,
  formatInput: ({ instruction, generations }, { params }) =>
    judgeMessages(params.aspect, instruction, generations),
  formatOutput(text, { generations }, { params }) {
    const read = readRatings(text, params.aspect, generations.length)
    const rationales = read.map(({ rationale }) => rationale)
    const columns = { ratings: read.map(({ rating }) => rating) }
    const types = read.flatMap(({ type }) => type ?? [])
    return rubrics[params.aspect].types === undefined
      ? { ...columns, rationales }
      : {
          types: types.map(({ number }) => number),
          rationales: types.map(({ rationale }) => rationale),
          ...columns,
          'rationales-for-ratings': rationales,
        }
  },
  example: ({ instruction, generations }, { params }) =>
    exampleAnswer(params.aspect, instruction, generations),
})

/** Parameters of {@link ultraFeedback}. */
export interface UltraFeedbackParams extends TaskParams {
  /**
   * What the texts are rated for: `helpfulness`, `honesty`, `instruction-following`, `truthfulness` or, by default,
   * `overall-rating`.
   */
  readonly aspect?: Aspect
}

/** Columns of every aspect. */
type RatingColumns = {
  readonly ratings: (number | null)[]
  readonly rationales: string[]
}

/** The columns that an aspect writes. */
type OutputOf<Given> = Given extends { readonly aspect: infer Chosen }
  ? Chosen extends 'helpfulness' | 'truthfulness'
    ? RatingColumns & {
        readonly types: (number | null)[]
        readonly 'rationales-for-ratings': string[]
      }
    : RatingColumns
  : RatingColumns

/**
 * Asks a model to rate each of several texts that answer one instruction, from 1 to 5, with reasons.
 *
 * Reads `instruction` and `generations` (a list of one text or more) and writes lists with one item a text: `ratings`
 * (whole numbers from 1 to 5; `null` where the judge says `N/A`), `rationales` and, beside them, `model_name`. With the
 * aspects `helpfulness` and `truthfulness` each text is first sorted into a type: `types` (1 clear, 2 rich,
 * 3 economical; or the error that weighs most: 1 against the world, 2 against the instruction, 3 against itself;
 * `null` for none) with its reasons in `rationales`, and those of the rating in `rationales-for-ratings`.
 *
 * One call a row, whatever the number of texts. An answer that leaves out a text, rates one twice, or gives no number
 * of the scale is asked for again; then the row is rejected with `output-invalid`.
 *
 * Source: UltraFeedback (https://arxiv.org/abs/2310.01377); the prompts are in words of their own.
 */
export function ultraFeedback<const Given extends UltraFeedbackParams>(
  params: Given,
): TaskStep<
  { readonly instruction: string; readonly generations: readonly string[] },
  TaskOutput<OutputOf<Given>, Given>
> {
  // The columns follow from the aspect; the engine works them out again from its value.
  return task(params as never) as never
}

/** What the registry holds of it. */
export const ultraFeedbackDefinition: StepDefinition = task.definition
