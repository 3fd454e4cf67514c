import { LineCounter, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'

import { messageOf, RetortError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'

/** Parses JSON where the name of the file ends in `.json`, else YAML. @throws RetortError of this code, with the line where it is known */
export function parseText(text: string, name: string, code: ErrorCode): unknown {
  return (name.endsWith('.json') ? parseJsonText : parseYamlText)(text, name, code)
}

/** Parses JSON. @throws RetortError of this code, with the line where it is known */
export function parseJsonText(text: string, name: string, code: ErrorCode): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (cause) {
    const [, line] = /\(line (\d+) column \d+\)$/.exec(messageOf(cause)) ?? []
    throw unparsed({ name, code, format: 'JSON', line }, flawOf(cause), cause)
  }
}

/** What Node says is wrong, without the place, which is said in front, and without a piece of the text. */
function flawOf(cause: unknown): string {
  return messageOf(cause)
    .replace(/(?: in JSON)? at position \d+(?: \(line \d+ column \d+\))?$/, '')
    .replace(/, (?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s, '')
}

/** Parses YAML. @throws RetortError of this code, with the line where it is known */
export function parseYamlText(text: string, name: string, code: ErrorCode): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true })
  const [error] = document.errors
  const file = { name, code, format: 'YAML' }
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0])
    throw unparsed({ ...file, line }, error.message, error)
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch (cause) {
    throw unparsed({ ...file, line: undefined }, messageOf(cause), cause)
  }
  if (holdsItself(value, [])) throw circular(document, lineCounter, file)
  return value
}

/** Whether a value that aliases were put into is a part of itself. */
function holdsItself(value: unknown, around: readonly object[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (around.includes(value)) return true
  const within = [...around, value]
  return Object.values(value).some((part) => holdsItself(part, within))
}

/** Names an alias that stands within what it stands for. */
function circular(
  document: Document,
  lineCounter: LineCounter,
  { name, code }: Pick<Unparsed, 'name' | 'code'>,
): RetortError {
  let found = ''
  let at = ''
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document)
      if (target === undefined || !path.some((around) => around === target)) return undefined
      found = alias.source
      at = `, line ${lineCounter.linePos(alias.range?.[0] ?? 0).line},`
      return visit.BREAK
    },
  })
  return new RetortError(
    code,
    `'${name}'${at} goes round in a circle: the alias *${found} stands within what &${found} names; write out what is meant there.`,
  )
}

/** Parses a JSON value a line; blank lines are passed over. @throws RetortError of this code, with the line */
export function parseJsonLines(text: string, name: string, code: ErrorCode): unknown[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      const value: unknown = JSON.parse(line)
      return [value]
    } catch (cause) {
      throw unparsed({ name, code, format: 'JSON', line: index + 1 }, flawOf(cause), cause)
    }
  })
}

/** What does not parse, and where. */
interface Unparsed {
  readonly name: string
  readonly code: ErrorCode
  readonly format: string
  readonly line: number | string | undefined
}

function unparsed(
  { name, code, format, line }: Unparsed,
  said: string,
  cause: unknown,
): RetortError {
  const at = line === undefined ? '' : `, line ${line},`
  const why = said.replace(/\.$/, '')
  return new RetortError(code, `'${name}'${at} is no ${format}: ${why}.`, {
    data: line === undefined ? {} : { line: Number(line) },
    cause,
  })
}
