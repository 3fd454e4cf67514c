import type { JsonObject } from '../../core/json.ts'

/** What the reader checks and strict providers do not take. */
const unchecked = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
]

/** The description of a schema, with what a strict provider would not check. */
export function withConstraintsInWords(schema: JsonObject): JsonObject {
  const { description } = schema
  const words = unchecked
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${valueText(schema[name])}`)
    .join(', ')
  const sentences = [
    ...(typeof description === 'string' ? [description] : []),
    ...(words === '' ? [] : [`(${words})`]),
  ]
  const text = sentences.join(' ')
  return text === '' ? {} : { description: text }
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
