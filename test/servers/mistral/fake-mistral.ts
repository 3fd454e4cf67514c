import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

import { readBytes } from '../openai/fake-http.ts'
import { StoredFile, parseForm } from '../openai/stored-file.ts'
import { type FakeMistralOptions, defaultMistralOptions } from './mistral-options.ts'
import { type MistralAsked, mistralEmbeddings, mistralReply } from './mistral-reply.ts'
import { type JobAsked, StoredJob } from './stored-job.ts'

/** A running fake of Mistral. */
export interface FakeMistral {
  /** Where it listens, without the `/v1`. */
  readonly url: string
  readonly jobs: ReadonlyMap<string, StoredJob>
  /** Changes how it behaves from the next request on. */
  set(options: Partial<FakeMistralOptions>): void
  close(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly body: object
}

/** A request whose connection is reset in the place of a reply. */
const lost = Symbol('lost')

/** Starts a fake of Mistral that listens on 127.0.0.1: answers, vectors, files and batch jobs. */
export async function startFakeMistral(
  initial: Partial<FakeMistralOptions> = {},
): Promise<FakeMistral> {
  let options: FakeMistralOptions = { ...defaultMistralOptions, ...initial }
  const files = new Map<string, StoredFile>()
  const jobs = new Map<string, StoredJob>()

  function takes(name: 'lostCreateReplies' | 'refusedCreates'): boolean {
    const left = options[name]
    if (left > 0) options = { ...options, [name]: left - 1 }
    return left > 0
  }

  function upload(contentType: string, bytes: Buffer): Reply {
    const { fields, file } = parseForm(contentType, bytes)
    if (file === undefined || fields['purpose'] !== 'batch') return error(422, 'No file for a job.')
    const stored = new StoredFile(`file-${files.size + 1}`, file.name, 'batch', file.bytes)
    files.set(stored.id, stored)
    return { status: 200, body: stored }
  }

  function createJob(asked: JobAsked): Reply | typeof lost {
    if (takes('refusedCreates')) return error(503, 'The server is overloaded.')
    const input = files.get(asked.input_files?.[0] ?? '')
    if (input === undefined || asked.endpoint !== '/v1/chat/completions')
      return error(422, 'The job lacks its file or its endpoint.')
    const job = new StoredJob(`job-${jobs.size + 1}`, asked, input)
    jobs.set(job.id, job)
    return takes('lostCreateReplies') ? lost : { status: 200, body: job.describe(options) }
  }

  function listJobs(query: URLSearchParams): Reply {
    const size = Number(query.get('page_size') ?? 100)
    const start = Number(query.get('page') ?? 0) * size
    const after = Date.parse(query.get('created_after') ?? '1970-01-01') / 1000
    const all = [...jobs.values()].toReversed().filter(({ createdAt }) => createdAt > after)
    const data = all.slice(start, start + size).map((job) => job.describe(options))
    return { status: 200, body: { object: 'list', data, total: all.length } }
  }

  function serveJob(id: string, isCancel: boolean): Reply {
    const job = jobs.get(id)
    if (job === undefined) return error(404, `There is no job ${id}.`)
    if (isCancel && job.hasEnded) return error(400, 'The job has ended.')
    if (isCancel) job.cancel()
    else job.advance(options)
    return { status: 200, body: job.describe(options) }
  }

  function contentOf(file: string): Reply | Readable {
    const [, kind = '', id = ''] = /^(output|error)-(.+)$/.exec(file) ?? []
    const job = options.losesFiles ? undefined : jobs.get(id)
    if (job === undefined) return error(404, 'There is no such file.')
    return Readable.from(job.resultLines(kind, options), { highWaterMark: 16 })
  }

  async function route(request: IncomingMessage): Promise<Reply | typeof lost | Readable> {
    const { pathname, searchParams } = new URL(request.url ?? '/', server.url)
    const { authorization, 'content-type': type = '' } = request.headers
    const bytes = await readBytes(request)
    if (options.apiKey !== null && authorization !== `Bearer ${options.apiKey}`)
      return { status: 401, body: { detail: 'Unauthorized' } }
    if (pathname === '/v1/files') return upload(type, bytes)
    const [, file] = /^\/v1\/files\/([^/]+)\/content$/.exec(pathname) ?? []
    if (file !== undefined) return contentOf(file)
    const body: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'))
    if (pathname === '/v1/batch/jobs')
      return request.method === 'POST' ? createJob(body as JobAsked) : listJobs(searchParams)
    const [, id, cancel] = /^\/v1\/batch\/jobs\/([^/]+)(\/cancel)?$/.exec(pathname) ?? []
    if (id !== undefined) return serveJob(id, cancel !== undefined)
    if (pathname === '/v1/chat/completions')
      return { status: 200, body: mistralReply(body as MistralAsked) }
    if (pathname !== '/v1/embeddings') return { status: 404, body: { detail: 'Not Found' } }
    const asked = body as Parameters<typeof mistralEmbeddings>[0]
    return { status: 200, body: mistralEmbeddings(asked, options) }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await route(request)
    if (reply instanceof Readable) return pipeline(reply, response)
    if (reply === lost) {
      response.socket?.resetAndDestroy()
      return
    }
    response.writeHead(reply.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.body))
  }

  const http = createServer({ requestTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: FakeMistral = {
    // A server that listens on a port has an address with one.
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    jobs,
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

function error(status: number, message: string): Reply {
  return { status, body: { object: 'error', message, type: 'invalid_request_error', code: null } }
}

// `node fake-mistral.ts` runs it in a process of its own, and prints its address.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFakeMistral()
  process.stdout.write(`${JSON.stringify({ url })}\n`)
}
