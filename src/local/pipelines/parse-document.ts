import { LineCounter, parseDocument } from 'yaml'

import { messageOf, RetortError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'

/** A text that a user wrote as YAML or JSON. */
export interface WrittenText {
  readonly text: string
  /** What sentences call the file; one that ends in `.json` holds JSON. */
  readonly name: string
  /** The code of what is thrown where it does not parse. */
  readonly code: ErrorCode
}

/** The value that a text holds. @throws RetortError of the text's code, with the line where it does not parse */
export function parseText(written: WrittenText): unknown {
  return written.name.endsWith('.json') ? parseJson(written) : parseYaml(written)
}

function parseJson(written: WrittenText): unknown {
  try {
    const value: unknown = JSON.parse(written.text)
    return value
  } catch (cause) {
    // Node's message ends in the place, which is said in front.
    const [said, line] =
      /^(.*) in JSON at position \d+ \(line (\d+) .*$/s.exec(messageOf(cause))?.slice(1) ?? []
    throw unparsed(written, 'JSON', line, said ?? messageOf(cause), cause)
  }
}

function parseYaml(written: WrittenText): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(written.text, { lineCounter, prettyErrors: false, merge: true })
  const [error] = document.errors
  if (error !== undefined)
    throw unparsed(written, 'YAML', lineCounter.linePos(error.pos[0]).line, error.message, error)
  try {
    const value: unknown = document.toJS()
    return value
  } catch (cause) {
    throw unparsed(written, 'YAML', undefined, messageOf(cause), cause)
  }
}

function unparsed(
  { name, code }: WrittenText,
  format: string,
  line: number | string | undefined,
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
