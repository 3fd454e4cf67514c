import { messageOf } from '../../core/errors.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { compileSchema } from './compile-schema.ts'
import type { CompiledSchema } from './compile-schema.ts'
import { findJson } from './find-json.ts'
import type { JsonPiece } from './find-json.ts'
import { unwrapped } from './object-root.ts'
import { repairJson } from './repair-json.ts'
import { violationText } from './violation-text.ts'
import { withoutNulls } from './without-nulls.ts'

/** Past so many characters an answer is told its first fault alone: to find all of them could fill the memory. */
const mostForAllFaults = 200_000

/**
 * The value of a JSON Schema that stands in an answer.
 *
 * @throws Error with what does not hold
 */
export function readJson(schema: JsonObject, text: string, isCutOff: boolean): JsonValue {
  const compiled = compileSchema(schema)
  const whole = text.trim()
  const alone = parsed(whole)
  let fault: string | undefined
  for (const candidate of alone === undefined ? candidatesIn(whole, isCutOff) : [alone]) {
    // What ends where the answer was cut off could be the beginning of another number.
    if (isCutOff && typeof candidate === 'number') continue
    const value = fitting(schema, compiled, candidate)
    if (compiled.holds(value)) return value
    fault ??= violationText(compiled.errors(value, text.length <= mostForAllFaults))
  }
  if (isCutOff && fault === undefined)
    throw new Error(`The answer was cut off before its JSON ended.`)
  if (!isCutOff && fault === undefined && isText(schema)) {
    // A text that needs no quotes.
    if (compiled.holds(whole)) return whole
    fault = violationText(compiled.errors(whole, true))
  }
  throw new Error(fault ?? unreadable(whole))
}

/** What may be meant by a text that is not JSON alone; what has to be repaired comes last. */
function* candidatesIn(text: string, isCutOff: boolean): Iterable<JsonValue> {
  const broken: JsonPiece[] = []
  for (const piece of findJson(text)) {
    const value = piece.isWhole ? parsed(piece.text) : undefined
    if (value === undefined) broken.push(piece)
    else yield value
  }
  if (isCutOff) return
  for (const piece of broken)
    for (const mended of repairable(piece)) {
      const repaired = repairJson(mended)
      const value = repaired === undefined ? undefined : parsed(repaired)
      if (value !== undefined) yield value
    }
}

/** What was meant: without the object that a tool's arguments have to be, and without `null` for what is left out. */
function fitting(schema: JsonObject, compiled: CompiledSchema, parsed: JsonValue): JsonValue {
  const value = unwrapped(schema, parsed)
  if (compiled.holds(value)) return value
  return withoutNulls(value, { root: schema, holdsAt: compiled.holdsAt })
}

/** Whether a schema asks for a text. */
function isText({ type, enum: choices }: JsonObject): boolean {
  return (
    type === 'string' || (Array.isArray(choices) && choices.some((one) => typeof one === 'string'))
  )
}

/** What to repair of a piece: around what has no brackets, there would be quotes then. */
function repairable({ text, isWhole }: JsonPiece): readonly string[] {
  if (!/^[{[]/.test(text)) return []
  // Where an object never ends, prose may follow its last bracket.
  const last = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))
  return isWhole || last < 0 ? [text] : [text, text.slice(0, last + 1)]
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

function unreadable(text: string): string {
  const piece = findJson(text).find(({ text }) => /^[{[]/.test(text))
  if (piece === undefined) return 'The answer holds no JSON.'
  try {
    JSON.parse(piece.text)
  } catch (error) {
    return `The JSON of the answer does not parse: ${messageOf(error).slice(0, 300)}.`
  }
  return 'The JSON of the answer does not parse.'
}
