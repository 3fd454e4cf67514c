import { malformed } from './malformed.ts'
import type { SourceFile } from './source-file.ts'

/** A longer record is a quote that nobody closed. */
const maxRecordLength = 64 * 1024 * 1024

/** A record of a CSV file; a value that is left empty without quotes is `null`. */
export interface CsvRecord {
  readonly values: readonly (string | null)[]
  /** The line on which it begins. */
  readonly line: number
}

/** Cuts the text of a CSV file into records. */
export interface CsvSplitter {
  add(text: string): CsvRecord[]
  /** The record that ends with the file. */
  end(): CsvRecord[]
}

/**
 * Starts to cut a CSV file (RFC 4180): quotes around a value, doubled inside of it; lines end in LF or CRLF.
 *
 * @throws RetortError `file-malformed`, with the line, for quotes that are wrong
 */
export function createCsvSplitter(file: SourceFile, delimiter: string): CsvSplitter {
  let rest = ''
  let line = 1

  const take = (text: string, isLast: boolean): CsvRecord[] => {
    const records: CsvRecord[] = []
    let from = 0
    while (from < text.length) {
      const record = readRecord(file, text, from, delimiter, isLast, line)
      if (record === undefined) break
      if (!record.isBlank) records.push({ values: record.values, line })
      line += record.lines
      from = record.end
    }
    rest = text.slice(from)
    if (rest.length > maxRecordLength)
      throw malformed(file, 'begins a record of more than 64 MB; is a quote not closed?', { line })
    return records
  }
  return { add: (text) => take(rest + text, false), end: () => take(rest, true) }
}

interface ReadRecord extends CsvRecord {
  readonly end: number
  readonly lines: number
  readonly isBlank: boolean
}

/** The record that begins at `from`; `undefined` where the text ends before it does. */
function readRecord(
  file: SourceFile,
  text: string,
  from: number,
  delimiter: string,
  isLast: boolean,
  line: number,
): ReadRecord | undefined {
  const values: (string | null)[] = []
  let lines = 0
  let at = from
  const isComplete = (end: number) => isLast || end < text.length
  for (;;) {
    const value = text[at] === '"' ? readQuoted(text, at) : readBare(text, at, delimiter)
    if (value === undefined) {
      if (!isLast) return undefined
      throw malformed(file, 'opens a quote that is not closed', { line })
    }
    at = value.end
    lines += value.lines
    // Whether a quote or line end goes on is known only with the next character.
    if (!isComplete(at) || (text[at] === '\r' && !isComplete(at + 1))) return undefined
    values.push(value.text)
    if (text[at] === delimiter) {
      at++
      continue
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    if (at < text.length && text[at] !== '\n')
      throw malformed(file, `has ${JSON.stringify(text[at])} behind a closing quote`, {
        line: line + lines,
      })
    const isBlank = values.length === 1 && values[0] === null
    return { values, line, end: at + 1, lines: lines + 1, isBlank }
  }
}

interface ReadValue {
  readonly text: string | null
  readonly end: number
  readonly lines: number
}

function readQuoted(text: string, from: number): ReadValue | undefined {
  let close = text.indexOf('"', from + 1)
  let isDoubled = false
  while (close >= 0 && text[close + 1] === '"') {
    isDoubled = true
    close = text.indexOf('"', close + 2)
  }
  if (close < 0) return undefined
  const inner = text.slice(from + 1, close)
  const lines = inner.includes('\n') ? inner.split('\n').length - 1 : 0
  return { text: isDoubled ? inner.replaceAll('""', '"') : inner, end: close + 1, lines }
}

const lineFeed = 10
const carriageReturn = 13

function readBare(text: string, from: number, delimiter: string): ReadValue {
  const stop = delimiter.charCodeAt(0)
  let end = from
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === stop || code === lineFeed) break
  }
  const isCrLf = text.charCodeAt(end) === lineFeed && text.charCodeAt(end - 1) === carriageReturn
  if (isCrLf && end > from) end--
  return { text: end === from ? null : text.slice(from, end), end, lines: 0 }
}
