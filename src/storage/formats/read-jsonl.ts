import { isUtf8 } from 'node:buffer'

import type { Row } from '../../core/columns.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { jsonFlaw, malformed, nameOfValue } from './malformed.ts'
import { parseJson } from './parse-json.ts'
import { readBytes } from './read-bytes.ts'
import type { SourceFile } from './source-file.ts'

/** A longer line is a mistake, and would not fit into a text. */
const maxLineBytes = 256 * 1024 * 1024

/** Rows of a JSONL file: an object a line; blank lines are passed over. */
export async function* readJsonl(
  file: SourceFile,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let line = 1
  for await (const bytes of wholeLines(file, signal)) {
    const lines = isUtf8(bytes)
      ? bytes.toString('utf8').split('\n')
      : decodeLines(file, bytes, line)
    // What follows the last line's end is no line.
    if (lines.at(-1) === '') lines.pop()
    const rows: Row[] = []
    let flaw: RetortError | undefined
    for (const json of lines) {
      const row = json.trim() === '' ? undefined : parseLine(file, json, line)
      if (row instanceof RetortError) {
        flaw = row
        break
      }
      if (row !== undefined) rows.push(row)
      line++
    }
    // Whoever wants no more than the rows before it never sees the flaw.
    yield rows
    if (flaw !== undefined) throw flaw
  }
}

/** The file's bytes in pieces that end where a line ends. */
async function* wholeLines(file: SourceFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  let pending: Buffer[] = []
  let pendingBytes = 0
  for await (const bytes of readBytes(file, signal)) {
    const end = bytes.lastIndexOf(10) + 1
    if (end > 0) {
      yield pending.length === 0
        ? bytes.subarray(0, end)
        : Buffer.concat([...pending, bytes.subarray(0, end)])
      pending = []
      pendingBytes = 0
    }
    if (end === bytes.length) continue
    pending.push(bytes.subarray(end))
    pendingBytes += bytes.length - end
    if (pendingBytes > maxLineBytes)
      throw malformed(file, 'has a line of more than 256 MB; JSONL has one object a line')
  }
  if (pending.length > 0) yield Buffer.concat(pending)
}

/** Finds the line that is not UTF-8. */
function decodeLines(file: SourceFile, bytes: Buffer, firstLine: number): string[] {
  const lines: string[] = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(10, from)
    const piece = bytes.subarray(from, end < 0 ? bytes.length : end)
    if (!isUtf8(piece)) throw malformed(file, 'is not UTF-8', { line: firstLine + lines.length })
    lines.push(piece.toString('utf8'))
    from += piece.length + 1
  }
  return lines
}

function parseLine(file: SourceFile, json: string, line: number): Row | RetortError {
  let value: unknown
  try {
    value = parseJson(json)
  } catch (error) {
    return malformed(file, `is not JSON: ${jsonFlaw(error)}`, { line, cause: error })
  }
  if (isObject(value)) return value
  return malformed(file, `is ${nameOfValue(value)}, not an object`, { line })
}
