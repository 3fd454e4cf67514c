import { z } from 'zod'

import { hashText } from '../../core/hash.ts'
import { reject } from '../../core/rejection.ts'
import type { Rejection } from '../../core/rejection.ts'
import { messagesSchema, withAnswer } from './chat-messages.ts'
import type { Message } from './chat-messages.ts'

/** The columns that hold several answers and what each is worth. */
export const ratedColumns = {
  generations: z.array(z.string().nullable()).readonly(),
  ratings: z.array(z.number().nullable()).readonly(),
  generation_models: z.array(z.string().nullable()).readonly().nullish(),
}

/** The columns of a preference pair. */
export const pairSchema = z.object({
  prompt: z.string(),
  prompt_id: z.string(),
  chosen: messagesSchema,
  chosen_model: z.string().nullable(),
  chosen_rating: z.number(),
  rejected: messagesSchema,
  rejected_model: z.string().nullable(),
  rejected_rating: z.number(),
})

interface RatedRow {
  readonly generations: readonly (string | null)[]
  readonly ratings: readonly (number | null)[]
  readonly generation_models?: readonly (string | null)[] | null | undefined
}

/** The pair of the best and the worst answer; of several that are equally good or bad, the first. */
export function toPreferencePair(
  prompt: string,
  messages: readonly Message[],
  { generations, ratings, generation_models: models }: RatedRow,
): z.output<typeof pairSchema> | Rejection {
  const { length } = generations
  if (ratings.length !== length || (models ?? generations).length !== length)
    return reject(
      'input-invalid',
      `The row has ${length} generations, ${ratings.length} ratings${models === undefined || models === null ? '' : ` and ${models.length} generation_models`}; there must be one for each.`,
    )
  const rated = generations.flatMap((text, index) => {
    const rating = ratings[index] ?? null
    return text === null || rating === null
      ? []
      : [{ text, rating, model: models?.[index] ?? null }]
  })
  const [first, second] = rated
  if (first === undefined || second === undefined)
    return reject(
      'input-invalid',
      `The row has ${rated.length} generations with a rating; a pair takes two.`,
    )
  const best = rated.reduce((best, one) => (one.rating > best.rating ? one : best))
  const worst = rated.reduce((worst, one) => (one.rating < worst.rating ? one : worst))
  if (best.rating === worst.rating)
    return reject(
      'tie',
      `All ${rated.length} rated generations have the rating ${best.rating}, so that none is preferred.`,
    )
  return {
    prompt,
    prompt_id: hashText(prompt),
    chosen: withAnswer(messages, best.text),
    chosen_model: best.model,
    chosen_rating: best.rating,
    rejected: withAnswer(messages, worst.text),
    rejected_model: worst.model,
    rejected_rating: worst.rating,
  }
}
