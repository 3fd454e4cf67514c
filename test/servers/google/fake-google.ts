import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

import { readBytes } from '../openai/fake-http.ts'
import { type FakeGoogleOptions, defaultGoogleOptions } from './google-options.ts'
import { type GeminiAsked, embeddingsReply, geminiReply } from './google-reply.ts'
import { StoredJob } from './stored-job.ts'

/** A running fake of the Gemini API and of Vertex AI. */
export interface FakeGoogle {
  /** Where it listens, without a version. */
  readonly url: string
  readonly jobs: ReadonlyMap<string, StoredJob>
  /** Requests of uploads that held a part of a file. */
  readonly chunks: readonly number[]
  /** Changes how it behaves from the next request on. */
  set(options: Partial<FakeGoogleOptions>): void
  close(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

interface Upload {
  readonly parts: Buffer[]
  length: number
}

/** A request whose connection is reset in the place of a reply. */
const lost = Symbol('lost')
/** Parts of a file but the last have a multiple of this. */
const granularity = 262_144

/** Starts a fake of Google that listens on 127.0.0.1: answers, vectors, files and batch jobs. */
export async function startFakeGoogle(
  initial: Partial<FakeGoogleOptions> = {},
): Promise<FakeGoogle> {
  let options: FakeGoogleOptions = { ...defaultGoogleOptions, ...initial }
  const uploads = new Map<string, Upload>()
  const files = new Map<string, Buffer>()
  const jobs = new Map<string, StoredJob>()
  const chunks: number[] = []

  function takes(name: 'lostCreateReplies' | 'refusedCreates'): boolean {
    const left = options[name]
    if (left > 0) options = { ...options, [name]: left - 1 }
    return left > 0
  }

  function beginUpload({ headers }: IncomingMessage): Reply {
    if (
      headers['x-goog-upload-protocol'] !== 'resumable' ||
      headers['x-goog-upload-command'] !== 'start'
    )
      return error(400, 'INVALID_ARGUMENT', 'No upload is begun like this.')
    const id = `upload-${uploads.size + 1}`
    uploads.set(id, { parts: [], length: 0 })
    return { status: 200, body: {}, headers: { 'x-goog-upload-url': `${server.url}/parts/${id}` } }
  }

  function takePart(id: string, { headers }: IncomingMessage, bytes: Buffer): Reply {
    const upload = uploads.get(id)
    const isLast = headers['x-goog-upload-command'] === 'upload, finalize'
    if (upload === undefined || Number(headers['x-goog-upload-offset']) !== upload.length)
      return error(400, 'INVALID_ARGUMENT', 'This part of a file belongs elsewhere.')
    if (!isLast && bytes.length % granularity !== 0)
      return error(400, 'INVALID_ARGUMENT', 'This part of a file has an odd length.')
    chunks.push(bytes.length)
    upload.parts.push(bytes)
    upload.length += bytes.length
    if (!isLast) return { status: 200, body: {} }
    const name = `files/file-${files.size + 1}`
    files.set(name, Buffer.concat(upload.parts))
    uploads.delete(id)
    return { status: 200, body: { file: { name, state: 'ACTIVE' } } }
  }

  function createJob(body: unknown): Reply | typeof lost {
    if (takes('refusedCreates')) return error(503, 'UNAVAILABLE', 'The server is overloaded.')
    const { batch } = body as {
      batch?: { displayName?: string; inputConfig?: { fileName?: string } }
    }
    const input = files.get(batch?.inputConfig?.fileName ?? '')
    if (input === undefined || batch?.displayName === undefined)
      return error(400, 'INVALID_ARGUMENT', 'The job lacks its file or its name.')
    const job = new StoredJob(`job-${jobs.size + 1}`, batch.displayName, input)
    jobs.set(job.id, job)
    return takes('lostCreateReplies') ? lost : { status: 200, body: job.toOperation(options) }
  }

  function listJobs(query: URLSearchParams): Reply {
    const size = Math.min(Number(query.get('pageSize') ?? 50), options.pageSize)
    const start = Number(query.get('pageToken') ?? 0)
    const all = [...jobs.values()].toReversed()
    const page = all.slice(start, start + size)
    const operations = page.map((job) => job.toOperation({ ...options, sendsInline: false }))
    const hasMore = start + size < all.length
    return {
      status: 200,
      body: {
        ...(operations.length === 0 ? {} : { operations }),
        ...(hasMore ? { nextPageToken: String(start + size) } : {}),
      },
    }
  }

  function serveJob(id: string, isCancel: boolean): Reply {
    const job = jobs.get(id)
    if (job === undefined) return error(404, 'NOT_FOUND', `There is no batches/${id}.`)
    if (!isCancel) {
      job.advance(options)
      return { status: 200, body: job.toOperation(options) }
    }
    if (job.hasEnded) return error(400, 'FAILED_PRECONDITION', 'The job has ended.')
    job.cancel()
    return { status: 200, body: {} }
  }

  async function route(request: IncomingMessage): Promise<Reply | typeof lost | Readable> {
    const { pathname, searchParams } = new URL(request.url ?? '/', server.url)
    const bytes = await readBytes(request)
    const [, part] = /^\/parts\/(.+)$/.exec(pathname) ?? []
    if (part !== undefined) return takePart(part, request, bytes)
    if (options.apiKey !== null && request.headers['x-goog-api-key'] !== options.apiKey)
      return error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.')
    const [, download] = /^\/download\/v1beta\/files\/batch-(.+):download$/.exec(pathname) ?? []
    if (download !== undefined) {
      const job = options.losesFiles ? undefined : jobs.get(download)
      if (job === undefined) return error(404, 'NOT_FOUND', 'There is no such file.')
      return Readable.from(job.resultLines(options), { highWaterMark: 16 })
    }
    if (pathname === '/upload/v1beta/files') return beginUpload(request)
    if (pathname === '/v1beta/batches') return listJobs(searchParams)
    const [, id, verb] = /^\/v1beta\/batches\/([^:]+)(:cancel)?$/.exec(pathname) ?? []
    if (id !== undefined) return serveJob(id, verb !== undefined)
    const [, method] = /\/models\/[^/]+:(\w+)$/.exec(pathname) ?? []
    const body: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'))
    if (method === 'generateContent') return { status: 200, body: geminiReply(body as GeminiAsked) }
    if (method === 'batchGenerateContent') return createJob(body)
    if (method === 'batchEmbedContents') {
      const { requests } = body as { requests: Parameters<typeof embeddingsReply>[0] }
      return { status: 200, body: embeddingsReply(requests, options.dimensions) }
    }
    return error(404, 'NOT_FOUND', `There is nothing at ${pathname}.`)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await route(request)
    if (reply === lost) return response.socket?.resetAndDestroy() && undefined
    if (reply instanceof Readable) return pipeline(reply, response)
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(JSON.stringify(reply.body))
  }

  const http = createServer({ requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: FakeGoogle = {
    // A server that listens on a port has an address with one.
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    jobs,
    chunks,
    set(changes) {
      options = { ...options, ...changes }
    },
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
  return server
}

function error(code: number, status: string, message: string): Reply {
  return { status: code, body: { error: { code, message, status } } }
}

// `node fake-google.ts` runs it in a process of its own, and prints its address.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFakeGoogle()
  process.stdout.write(`${JSON.stringify({ url })}\n`)
}
