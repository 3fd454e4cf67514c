import type { AnswerFormat } from '../../core/chat.ts'
import { RetortError, messageOf } from '../../core/errors.ts'
import { compilePattern } from './compile-pattern.ts'
import { compileSchema } from './compile-schema.ts'

/** What the port `StructuredReader` says of `check`. */
export function checkFormat(format: AnswerFormat, who: string): void {
  const what =
    format.format === 'regex'
      ? `a regular expression that does not compile`
      : `a schema that is no JSON Schema`
  try {
    if (format.format === 'regex') compilePattern(format.pattern)
    else compileSchema(format.schema)
  } catch (error) {
    throw new RetortError(
      'parameter-invalid',
      `${who} has ${what}: ${messageOf(error).replace(/\.$/, '')}.`,
      {
        cause: error,
      },
    )
  }
}
