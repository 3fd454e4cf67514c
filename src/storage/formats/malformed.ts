import { messageOf, RetortError } from '../../core/errors.ts'
import type { SourceFile } from './source-file.ts'

/** The error of a file whose content does not hold; `what` goes on from the file's name. */
export function malformed(
  file: Pick<SourceFile, 'name'>,
  what: string,
  details: { readonly line?: number; readonly cause?: unknown } = {},
): RetortError {
  const { line, cause } = details
  const place = line === undefined ? '' : `, line ${line},`
  return new RetortError('file-malformed', `File '${file.name}'${place} ${what}.`, {
    data: line === undefined ? { file: file.name } : { file: file.name, line },
    cause,
  })
}

/** What is wrong with a text that is no JSON, without places within it, which would pass for the file's. */
export function jsonFlaw(error: unknown): string {
  return messageOf(error).replace(/ (?:in JSON )?at position \d+(?: \(line \d+ column \d+\))?$/, '')
}

/** What a JSON value is, as sentences say it. */
export function nameOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
