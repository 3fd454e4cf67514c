import type { AnswerFormat } from './chat.ts'
import { toJsonSchema } from './column-schemas.ts'
import type { Schema } from './columns.ts'
import { RetortError } from './errors.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/**
 * Reads what an answer has to be.
 *
 * @param what - who says it, as the beginning of a sentence
 * @throws RetortError `parameter-invalid`
 */
export function parseAnswerFormat(value: unknown, what: string): AnswerFormat {
  if (isObject(value)) {
    const { format, schema, pattern, ...others } = value
    const [other] = Object.keys(others)
    if (other !== undefined)
      throw new RetortError(
        'parameter-invalid',
        `${what} has a member '${other}'; it takes { format: 'json', schema } or { format: 'regex', pattern }.`,
      )
    if (format === 'json' && isObject(schema)) return { format, schema: schema as JsonObject }
    if (format === 'regex' && typeof pattern === 'string') return { format, pattern }
  }
  throw new RetortError(
    'parameter-invalid',
    `${what} is ${JSON.stringify(value)?.slice(0, 100)}; it takes { format: 'json', schema } with a JSON Schema, or { format: 'regex', pattern } with a regular expression.`,
  )
}

/** A task's parameters with a schema such as zod's, which an author may give in the place of a format, as JSON. */
export function withPlainFormat(params: JsonObject, type: string): JsonObject {
  const given: unknown = params['structuredOutput']
  if (!isSchema(given)) return params
  const schema = toJsonSchema(given, 'output', `the structured output of '${type}'`)
  return { ...params, structuredOutput: { format: 'json', schema } }
}

function isSchema(value: unknown): value is Schema<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    '~standard' in value
  )
}
