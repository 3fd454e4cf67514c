import { randomUUID } from 'node:crypto'

import type { StreamBody } from './stream-body.ts'

/** A file within a form. */
export interface FormFile {
  /** The form's field that holds it. */
  readonly field: string
  readonly name: string
  readonly contentType: string
  /** Its bytes, where they are known before. */
  readonly length?: number
  readonly pieces: AsyncIterable<string | Uint8Array>
}

/** Makes a `multipart/form-data` body of fields and one file that is read while it is sent. */
export function multipartBody(
  fields: Readonly<Record<string, string>>,
  file: FormFile,
): StreamBody {
  const boundary = `form-${randomUUID()}`
  const heads = Object.entries(fields).map(
    ([name, value]) => `${head(boundary, name)}\r\n\r\n${value}\r\n`,
  )
  const fileHead = `${head(boundary, file.field)}; filename="${quoted(file.name)}"\r\nContent-Type: ${file.contentType}\r\n\r\n`
  const opening = Buffer.from([...heads, fileHead].join(''))
  const ending = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    ...(file.length === undefined ? {} : { length: opening.length + file.length + ending.length }),
    pieces: around(opening, file.pieces, ending),
  }
}

function head(boundary: string, name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

async function* around(
  opening: Uint8Array,
  pieces: AsyncIterable<string | Uint8Array>,
  ending: Uint8Array,
): AsyncGenerator<string | Uint8Array> {
  yield opening
  yield* pieces
  yield ending
}
