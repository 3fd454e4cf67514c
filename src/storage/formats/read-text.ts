import { isUtf8 } from 'node:buffer'

import type { Row } from '../../core/columns.ts'
import { malformed } from './malformed.ts'
import { readBytes } from './read-bytes.ts'
import type { SourceFile } from './source-file.ts'

const maxBytes = 64 * 1024 * 1024

/**
 * The one row `path`, `text` of a text file; none of an empty one.
 *
 * What is no text in UTF-8, or more than 64 MB of it, is an error where the request names the file itself, and passed
 * over where it is one of a folder or glob.
 */
export async function* readTextFile(
  file: SourceFile,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const pieces: Buffer[] = []
  let length = 0
  let flaw = ''
  for await (const bytes of readBytes(file, signal)) {
    pieces.push(bytes)
    length += bytes.length
    if (bytes.includes(0)) flaw = 'is binary, not text'
    else if (length > maxBytes) flaw = 'is longer than the 64 MB that a text may have'
    if (flaw !== '') break
  }
  const content = Buffer.concat(pieces)
  if (flaw === '' && !isUtf8(content)) flaw = 'is not UTF-8'
  if (flaw === '') yield length === 0 ? [] : [{ path: file.name, text: content.toString('utf8') }]
  else if (file.isNamed) throw malformed(file, flaw)
}
