import type { AnswerFormat } from '../../core/chat.ts'
import type { JsonValue } from '../../core/json.ts'
import { withoutThoughts } from '../../core/think-tags.ts'
import { compilePattern } from './compile-pattern.ts'
import { unwrapped } from './object-root.ts'
import { readJson } from './read-json.ts'
import { schemaOf } from './tool-of.ts'

/** What the port `StructuredReader` says of `read`. */
export function readStructured(format: AnswerFormat, text: string, isCutOff: boolean): string {
  const answer = withoutThoughts(text.replaceAll('\uFEFF', ''))
  if (format.format === 'regex') return readMatch(format, answer, isCutOff)
  try {
    return JSON.stringify(readJson(format.schema, answer, isCutOff))
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error('The JSON of the answer is nested too deeply.', { cause: error })
    throw error
  }
}

type RegexFormat = Extract<AnswerFormat, { format: 'regex' }>

function readMatch(format: RegexFormat, text: string, isCutOff: boolean): string {
  // What matches so far may have been meant to go on.
  if (isCutOff) throw new Error('The answer was cut off.')
  const whole = compilePattern(format.pattern)
  const trimmed = text.trim()
  const [, fenced] = /^```[^\n`]*\n(.*?)\n?```$/s.exec(trimmed) ?? []
  const match = [text, trimmed, fenced, argumentOf(format, trimmed)].find(
    (one) => one !== undefined && whole.test(one),
  )
  if (match !== undefined) return match
  throw new Error(
    `The answer as a whole does not match the regular expression ${format.pattern.slice(0, 500)}.`,
  )
}

/** The text within the arguments of a tool that takes one. */
function argumentOf(format: AnswerFormat, text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value = unwrapped(schemaOf(format), JSON.parse(text) as JsonValue)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
