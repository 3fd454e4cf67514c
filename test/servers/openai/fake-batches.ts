import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import {
  type FakeBatchesOptions,
  type FakeBatchesStats,
  defaultBatchesOptions,
} from './batch-options.ts'
import { answeredPaths, modelReply } from './chat-reply.ts'
import { embeddingReply } from './embedding-reply.ts'
import { errorReply, readBytes, sendBody } from './fake-http.ts'
import { dotPng, imageReply } from './image-reply.ts'
import { StoredBatch, idOf } from './stored-batch.ts'
import { StoredFile, parseForm } from './stored-file.ts'

/** A running fake of OpenAI's Batch API and of what else it offers. */
export interface FakeBatches {
  /** Where it listens, without the `/v1` of a `baseURL`. */
  readonly url: string
  stats(): FakeBatchesStats
  /** Changes how it behaves from the next request on. */
  set(options: Partial<FakeBatchesOptions>): void
  close(): Promise<void>
}

/** A request whose connection is reset in the place of a reply. */
const lost = Symbol('lost')

/**
 * Starts a fake of OpenAI that listens on 127.0.0.1: files, batches, chat completions, embeddings, images.
 *
 * What it has been given stays as long as it runs, whoever asks. Another process reads `GET /__stats`
 * and changes options with `POST /__set`.
 */
export async function startFakeBatches(
  initial: Partial<FakeBatchesOptions> & { readonly port?: number } = {},
): Promise<FakeBatches> {
  const { port = 0, ...rest } = initial
  let options: FakeBatchesOptions = { ...defaultBatchesOptions, ...rest }
  const files = new Map<string, StoredFile>()
  const batches = new Map<string, StoredBatch>()
  const requestsById = new Map<string, number>()
  const counts = {
    uploads: 0,
    cancels: 0,
    held: 0,
    polls: 0,
    online: 0,
    embeddingCalls: 0,
    imageCalls: 0,
  }

  function set(changes: Partial<FakeBatchesOptions>): void {
    const unknown = Object.keys(changes).find((name) => !Object.hasOwn(defaultBatchesOptions, name))
    if (unknown !== undefined) throw new Error(`The fake has no option '${unknown}'.`)
    options = { ...options, ...changes }
  }

  /** Whether one of a number of such events is left, and takes it. */
  function takes(
    name: 'lostCreateReplies' | 'lostUploadReplies' | 'refusedCreates' | 'staleLists',
  ) {
    const left = options[name]
    if (left > 0) options = { ...options, [name]: left - 1 }
    return left > 0
  }

  function stats(): FakeBatchesStats {
    const submitted = [...requestsById.values()]
    return {
      submissions: batches.size,
      ...counts,
      requestsById: Object.fromEntries(requestsById),
      duplicates: submitted.reduce((sum, count) => sum + count - 1, 0),
      jobs: [...batches.values()].map((batch) => batch.state),
    }
  }

  function upload(contentType: string, body: Buffer): FakeReply | typeof lost {
    const { fields, file } = parseForm(contentType, body)
    if (file === undefined) return errorReply(400, "'file' is a required property")
    if (fields['purpose'] !== 'batch') return errorReply(400, "'purpose' is not one of ['batch']")
    counts.uploads += 1
    const stored = new StoredFile(`file-${counts.uploads}`, file.name, 'batch', file.bytes)
    files.set(stored.id, stored)
    return takes('lostUploadReplies') ? lost : { status: 200, body: stored }
  }

  function create(body: unknown): FakeReply | typeof lost {
    if (takes('refusedCreates')) return errorReply(503, 'The server is overloaded.')
    const asked = body as Record<string, unknown>
    const input = files.get(String(asked['input_file_id']))
    if (input === undefined) return errorReply(400, 'Invalid input_file_id.')
    const endpoint = String(asked['endpoint'])
    if (!answeredPaths.has(endpoint) || asked['completion_window'] !== '24h')
      return errorReply(400, 'Invalid endpoint or completion_window.')
    const metadata = (asked['metadata'] ?? null) as Record<string, string> | null
    const kept = options.dropsMetadata ? null : metadata
    const batch = new StoredBatch(`batch_${batches.size + 1}`, input, endpoint, kept, options)
    batches.set(batch.id, batch)
    for (const line of input.lines()) {
      const id = idOf(line, endpoint) ?? ''
      requestsById.set(id, (requestsById.get(id) ?? 0) + 1)
    }
    return takes('lostCreateReplies') ? lost : { status: 200, body: batch }
  }

  function list(query: URLSearchParams): FakeReply {
    const all = [...batches.values()].toReversed().slice(takes('staleLists') ? 1 : 0)
    const after = query.get('after')
    const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
    const limit = Math.min(Number(query.get('limit') ?? 20), options.pageSize)
    const data = all.slice(start, start + limit)
    return {
      status: 200,
      body: {
        object: 'list',
        data,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: start + limit < all.length,
      },
    }
  }

  function serveBatch(path: string, method: string): FakeReply {
    const [, id = '', isCancel] = /^\/v1\/batches\/([^/]+)(\/cancel)?$/.exec(path) ?? []
    const batch = batches.get(id)
    if (batch === undefined) return errorReply(404, `No batch found with id '${id}'.`)
    if (isCancel === undefined) {
      counts.polls += 1
      batch.advance(options)
    } else if (method === 'POST') {
      if (batch.hasEnded)
        return errorReply(409, `Cannot cancel a batch with status '${batch.state.status}'.`)
      counts.cancels += 1
      batch.cancel()
    }
    return { status: 200, body: batch }
  }

  function contentOf(id: string): Iterable<string> | undefined {
    const [, kind, batchId = ''] = /^file-(output|errors)-(.+)$/.exec(id) ?? []
    const batch = batches.get(batchId)
    if (batch === undefined) return undefined
    return batch.resultLines(kind === 'output' ? 'output' : 'errors', options)
  }

  function answer(path: string, body: unknown): FakeReply {
    counts.online += 1
    return { status: 200, body: modelReply(path, body, options.answer) }
  }

  async function route(request: IncomingMessage): Promise<FakeReply | typeof lost | Readable> {
    const { method = 'GET', headers } = request
    const { pathname, searchParams } = new URL(request.url ?? '/', server.url)
    const bytes = await readBytes(request)
    const isJson = headers['content-type']?.startsWith('application/json') === true
    const body: unknown = isJson ? JSON.parse(bytes.toString('utf8')) : undefined
    if (pathname === '/__set') set(body as Partial<FakeBatchesOptions>)
    if (pathname.startsWith('/__')) return { status: 200, body: stats() }
    if (pathname === '/dot.png') return { status: 200, body: dotPng }
    if (options.reply !== null) return options.reply
    if (options.apiKey !== null && headers.authorization !== `Bearer ${options.apiKey}`)
      return errorReply(401, 'Incorrect API key provided.', 'invalid_api_key')
    const [, fileId, isContent] = /^\/v1\/files\/([^/]+)(\/content)?$/.exec(pathname) ?? []
    if (fileId !== undefined) {
      const content = isContent === undefined || options.losesFiles ? undefined : contentOf(fileId)
      if (content !== undefined) return Readable.from(content, { highWaterMark: 16 })
      const file = files.get(fileId)
      return file === undefined
        ? errorReply(404, `No such File object: ${fileId}`)
        : { status: 200, body: file }
    }
    const isPost = method === 'POST'
    if (isPost && pathname === '/v1/files') return upload(headers['content-type'] ?? '', bytes)
    if (pathname === '/v1/batches') return isPost ? create(body) : list(searchParams)
    if (pathname.startsWith('/v1/batches/')) return serveBatch(pathname, method)
    if (isPost && answeredPaths.has(pathname)) return answer(pathname, body)
    if (isPost && pathname === '/v1/embeddings') {
      counts.embeddingCalls += 1
      options.onEmbed?.(body)
      return embeddingReply(body, options)
    }
    if (isPost && pathname === '/v1/images/generations') {
      counts.imageCalls += 1
      return imageReply(body, server.url, options)
    }
    return errorReply(404, `Unknown request URL: ${method} ${pathname}`, 'unknown_url')
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await route(request).catch((error: unknown) => errorReply(400, String(error)))
    const isHeld = options.holdAt !== null && options.holdAt === kindOf(request)
    if (isHeld) counts.held += 1
    if (reply === lost) response.socket?.resetAndDestroy()
    else if (isHeld && !(reply instanceof Readable)) return
    else if (reply instanceof Readable) await pipeline(isHeld ? halfOf(reply) : reply, response)
    else sendBody(response, reply)
  }

  const http = createServer({ requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const server: FakeBatches = {
    // A server that listens on a port has an address with one.
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stats,
    set,
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
  return server
}

/** What a request is for, as far as it can be held. */
function kindOf({ method, url = '' }: IncomingMessage): FakeBatchesOptions['holdAt'] {
  if (url.endsWith('/content')) return 'results'
  if (method !== 'POST') return url.startsWith('/v1/batches/') ? 'status' : null
  if (url.endsWith('/cancel')) return 'cancel'
  if (url === '/v1/files') return 'upload'
  return url === '/v1/batches' ? 'create' : null
}

/** Every other line, and no end. */
async function* halfOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let isSent = false
  for await (const line of lines) if ((isSent = !isSent)) yield line
  await new Promise(() => {})
}

// `node fake-batches.ts '{"pollsUntilDone":3}'` runs it in a process of its own, and prints its address.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFakeBatches(JSON.parse(process.argv[2] ?? '{}') as object)
  process.stdout.write(`${JSON.stringify({ url, pid: process.pid })}\n`)
}
