import { answerText } from '../parsing/answer-text.ts'
import { labelledFields } from '../parsing/labelled-fields.ts'
import type { LabelledField } from '../parsing/labelled-fields.ts'
import { numberedParts } from '../parsing/numbered-parts.ts'
import { isNotApplicable, scaleNumber } from '../parsing/scale-number.ts'
import type { Scale } from '../parsing/scale-number.ts'
import { rubrics } from './aspects.ts'
import type { Aspect } from './aspects.ts'

/** What a judge says of one text; `null` stands for its `N/A` or `None`. */
export interface TextRating {
  readonly rating: number | null
  readonly rationale: string
  /** Where the aspect has types. */
  readonly type?: { readonly number: number | null; readonly rationale: string }
}

/**
 * Reads what a judge says of each of `count` texts.
 *
 * @throws Error where a text has no part of its own, or a part not what the prompt asks for
 */
export function readRatings(answer: string, aspect: Aspect, count: number): TextRating[] {
  const kinds = rubrics[aspect].types?.kinds.length
  return numberedParts(answerText(answer), 'text', count).map((part, index) => {
    const who = `text ${index + 1}`
    return kinds === undefined ? readRating(part, who) : readTypeAndRating(part, who, kinds)
  })
}

function readRating(part: string, who: string): TextRating {
  const fields = labelledFields(part, ['Rating', 'Rationale'])
  return { rating: ratingIn(fields, who), rationale: rationaleIn(fields, who) }
}

/** A rationale is that of the type or of the rating, whichever it follows. */
function readTypeAndRating(part: string, who: string, kinds: number): TextRating {
  const fields = labelledFields(part, ['Type', 'Rating', 'Rationale'])
  const starts = fields.flatMap(({ label }, index) => (label === 'Rationale' ? [] : [index]))
  if (starts[0] !== 0 && fields.length > 0)
    throw new Error(
      `The rationale of ${who} comes before its type and its rating; write each rationale below what it explains.`,
    )
  const groups = starts.map((from, index) => fields.slice(from, starts[index + 1]))
  const typeFields = groups.filter(([first]) => first?.label === 'Type').flat()
  const ratingFields = groups.filter(([first]) => first?.label === 'Rating').flat()
  const number = numberOf(only(typeFields, 'Type', who), `The type of ${who}`, {
    least: 1,
    most: kinds,
  })
  const type = { number, rationale: rationaleIn(typeFields, who, " below its 'Type'") }
  const rating = ratingIn(ratingFields, who)
  return { type, rating, rationale: rationaleIn(ratingFields, who, " below its 'Rating'") }
}

function ratingIn(fields: readonly LabelledField[], who: string): number | null {
  return numberOf(only(fields, 'Rating', who), `The rating of ${who}`, { least: 1, most: 5 })
}

function numberOf(value: string, what: string, scale: Scale): number | null {
  return isNotApplicable(value) ? null : scaleNumber(value, what, scale)
}

function rationaleIn(fields: readonly LabelledField[], who: string, place = ''): string {
  return only(fields, 'Rationale', who, place)
}

/** The value of the one field with a label. */
function only(fields: readonly LabelledField[], label: string, who: string, place = ''): string {
  const values = fields.filter((field) => field.label === label).map(({ value }) => value)
  const [value] = values
  if (value !== undefined && value !== '' && values.length === 1) return value
  const there =
    values.length > 1 ? `${values.length} lines` : value === '' ? 'an empty line' : 'no line'
  throw new Error(
    `The part for ${who} has ${there} '${label}: …'${place}; write one, as the form of the answer has it.`,
  )
}
