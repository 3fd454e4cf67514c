import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { gather, jsonBody } from '../http/stream-body.ts'
import type { StreamClient } from '../http/stream-client.ts'

/** A file to be uploaded. */
export interface FileUpload {
  /** Where an upload begins. */
  readonly url: string
  readonly name: string
  readonly contentType: string
  readonly pieces: AsyncIterable<string>
  /** Sent when the upload begins; the address of the rest says by itself whose it is. */
  readonly headers: Readonly<Record<string, string>>
}

/** All requests of an upload but the last have a multiple of 256 KiB. */
const chunkBytes = 8 * 1024 * 1024

/**
 * Uploads a file of unknown length through Google's resumable protocol, one chunk a request.
 *
 * @returns its name, `files/…`
 */
export async function uploadFile(
  http: StreamClient,
  { url, name, contentType, pieces, headers }: FileUpload,
  signal: AbortSignal,
): Promise<string> {
  const begun = await http.send({
    url,
    body: jsonBody({ file: { displayName: name } }),
    headers: {
      ...headers,
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': contentType,
    },
    signal,
  })
  await begun.text()
  const uploadUrl = begun.headers.get('x-goog-upload-url')
  if (uploadUrl === null || !URL.canParse(uploadUrl))
    throw notDescribed(begun.call, 'where to send the file')
  let offset = 0
  for await (const { chunk, isLast } of toChunks(pieces)) {
    const reply = await http.send({
      url: uploadUrl,
      body: { contentType, length: chunk.length, pieces: oneByOne([chunk]) },
      headers: {
        'x-goog-upload-offset': String(offset),
        'x-goog-upload-command': isLast ? 'upload, finalize' : 'upload',
      },
      signal,
    })
    offset += chunk.length
    if (isLast) return nameIn(await reply.json('file'), reply.call)
    await reply.text()
  }
  throw notDescribed(begun.call, 'a file')
}

interface Chunk {
  readonly chunk: Buffer
  readonly isLast: boolean
}

/** Whole chunks, and at last what is left, be it nothing; each is good until the next is asked for. */
async function* toChunks(pieces: AsyncIterable<string>): AsyncGenerator<Chunk> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes)
  let filled = 0
  for await (const piece of gather(pieces)) {
    for (let start = 0; start < piece.length;) {
      if (filled === chunkBytes) {
        yield { chunk: buffer, isLast: false }
        filled = 0
      }
      const part = piece.subarray(start, start + chunkBytes - filled)
      buffer.set(part, filled)
      filled += part.length
      start += part.length
    }
  }
  yield { chunk: buffer.subarray(0, filled), isLast: true }
}

async function* oneByOne<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

function nameIn({ file }: Readonly<Record<string, unknown>>, call: ProviderCall): string {
  const name = isObject(file) ? file['name'] : undefined
  if (typeof name === 'string' && name !== '') return name
  throw notDescribed(call, 'a file')
}

function notDescribed({ who, url }: ProviderCall, what: string): RetortError {
  return new RetortError(
    'provider-unavailable',
    `${who} got a reply from ${url} that does not say ${what}.`,
  )
}
