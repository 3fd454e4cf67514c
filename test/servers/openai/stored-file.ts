/** A file that was uploaded. */
export class StoredFile {
  readonly id: string
  readonly name: string
  readonly purpose: string
  readonly createdAt = Math.floor(Date.now() / 1000)
  readonly #bytes: Buffer

  constructor(id: string, name: string, purpose: string, bytes: Buffer) {
    this.id = id
    this.name = name
    this.purpose = purpose
    this.#bytes = bytes
  }

  toJSON(): object {
    return {
      id: this.id,
      object: 'file',
      bytes: this.#bytes.length,
      created_at: this.createdAt,
      filename: this.name,
      purpose: this.purpose,
      status: 'processed',
    }
  }

  /** Its lines, one by one, or from the last to the first. */
  *lines(isReversed = false): Generator<string> {
    const bytes = this.#bytes
    const edges = isReversed ? backwards(bytes) : forwards(bytes)
    for (const [start, end] of edges)
      if (end > start) yield bytes.subarray(start, end).toString('utf8')
  }
}

function* forwards(bytes: Buffer): Generator<readonly [number, number]> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start)
    const end = found === -1 ? bytes.length : found
    yield [start, end]
    start = end + 1
  }
}

function* backwards(bytes: Buffer): Generator<readonly [number, number]> {
  for (let end = bytes.length; end > 0;) {
    const start = bytes.lastIndexOf(0x0a, end - 1) + 1
    yield [start, end]
    end = start - 1
  }
}

/** Takes the fields and the one file out of a `multipart/form-data` body. */
export function parseForm(contentType: string, body: Buffer): UploadedForm {
  const boundary = /boundary=([^;]+)/.exec(contentType)?.[1]
  const fields: Record<string, string> = {}
  let file: UploadedForm['file']
  if (boundary === undefined) return { fields, file }
  const edge = Buffer.from(`--${boundary}`)
  let start = body.indexOf(edge)
  while (start !== -1) {
    const headStart = start + edge.length
    const end = body.indexOf(edge, headStart)
    const headEnd = body.indexOf('\r\n\r\n', headStart)
    if (end === -1 || headEnd === -1) break
    const head = body.subarray(headStart, headEnd).toString('utf8')
    const content = body.subarray(headEnd + 4, end - 2)
    const name = / name="([^"]*)"/.exec(head)?.[1] ?? ''
    const filename = /filename="([^"]*)"/.exec(head)?.[1]
    if (filename === undefined) fields[name] = content.toString('utf8')
    else file = { name: filename, bytes: content }
    start = end
  }
  return { fields, file }
}

/** What a form held. */
export interface UploadedForm {
  readonly fields: Readonly<Record<string, string>>
  readonly file: { readonly name: string; readonly bytes: Buffer } | undefined
}
