import type { AnswerFormat } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import { withObjectRoot } from './object-root.ts'

/** A tool that a model is made to call, so that its arguments are the answer. */
export interface AnswerTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

/** The tool whose arguments, as JSON, are an answer of this form; the reader takes them as they come. */
export function toolOf(format: AnswerFormat): AnswerTool {
  // What it says of its dialect is refused by some.
  const { $schema: _, ...parameters } = withObjectRoot(schemaOf(format))
  return {
    name: 'answer',
    description: 'Gives your answer. Call it once, with the whole answer as its arguments.',
    parameters,
  }
}

/** The JSON Schema of an answer's form: that of a text for a regular expression. */
export function schemaOf(format: AnswerFormat): JsonObject {
  if (format.format === 'json') return format.schema
  return { type: 'string', pattern: `^(?:${format.pattern})$` }
}
