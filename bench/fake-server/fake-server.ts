import { hash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { completionBody, fakeAnswer } from './fake-answer.ts'
import { readBody, toCall } from './fake-call.ts'
import {
  type FakeCall,
  type FakeOptions,
  type FakeReply,
  defaultFakeOptions,
} from './fake-options.ts'
import { FakeCounters, type FakeStats } from './fake-stats.ts'
import { RequestRate } from './request-rate.ts'
import { seededRandom } from './seeded-random.ts'

/** A running fake provider. */
export interface FakeServer {
  /** Where it listens, without the `/v1` of a `baseURL`. */
  readonly url: string
  stats(): FakeStats
  resetStats(): void
  /** Changes how it behaves from the next request on. */
  set(options: Partial<FakeOptions>): void
  close(): Promise<void>
}

type Fate = 'answer' | 'cut-off' | 'error' | 'rate-limit' | 'hang' | 'reset'

/**
 * Starts a provider that speaks OpenAI's and Mistral's chat completions over HTTP on 127.0.0.1.
 *
 * Another process reads `GET /__stats` and changes options with `POST /__set`; `POST /__reset`
 * sets the counts to zero.
 */
export async function startFakeServer(
  initial: Partial<FakeOptions> & { readonly port?: number } = {},
): Promise<FakeServer> {
  let options: FakeOptions = { ...defaultFakeOptions, ...initial }
  let random = seededRandom(options.seed)
  let rate = rateOf(options)
  const counters = new FakeCounters()

  function set(changes: Partial<FakeOptions>): void {
    options = { ...options, ...changes }
    if (changes.seed !== undefined) random = seededRandom(changes.seed)
    if (changes.requestsPerMinute !== undefined) rate = rateOf(options)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/__')) return serveControl(request, response)
    const index = counters.begin()
    response.once('close', () => counters.end())
    const text = await readBody(request)
    const call = toCall(request, text, index)
    const refusal = refusalOf(call, options, rate)
    if (refusal !== undefined) return send(response, refusal)
    const fate = drawFate(options, random)
    if (options.latencyMs > 0)
      setTimeout(() => finish(call, text, fate, response), options.latencyMs)
    else finish(call, text, fate, response)
  }

  function finish(call: FakeCall, text: string, fate: Fate, response: ServerResponse): void {
    if (response.destroyed) return
    if (fate === 'hang') return counters.status('hang')
    if (fate === 'reset') {
      counters.status('reset')
      response.socket?.resetAndDestroy()
      return
    }
    if (fate === 'error') return send(response, errorReply(options.errorStatus, 'It broke.'))
    if (fate === 'rate-limit') return send(response, rateLimitReply(options.retryAfterSeconds))
    counters.answer(hash('sha1', text))
    counters.status('200')
    const answer = options.answer?.(call.prompt, call) ?? fakeAnswer(call.prompt)
    const body = completionBody(call, answer, fate === 'cut-off')
    response.writeHead(200, answerHeaders)
    response.end(body)
  }

  function send(response: ServerResponse, reply: FakeReply): void {
    counters.status(String(reply.status))
    sendReply(response, reply)
  }

  async function serveControl(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    if (request.method === 'POST' && request.url === '/__set') set(JSON.parse(body))
    if (request.method === 'POST' && request.url === '/__reset') counters.reset()
    sendReply(response, { status: 200, body: counters.snapshot() })
  }

  const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.listen(initial.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stats: () => counters.snapshot(),
    resetStats: () => counters.reset(),
    set,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const answerHeaders = { 'content-type': 'application/json', 'x-request-id': 'fake' }

function rateOf(options: FakeOptions): RequestRate | undefined {
  if (options.requestsPerMinute === null) return undefined
  return new RequestRate(options.requestsPerMinute, performance.now())
}

function refusalOf(
  call: FakeCall,
  options: FakeOptions,
  rate: RequestRate | undefined,
): FakeReply | undefined {
  if (options.reply !== null) return options.reply
  const reply = options.respond?.(call)
  if (reply !== undefined) return reply
  if (!call.path.endsWith('/v1/chat/completions'))
    return { status: 404, body: { detail: `Nothing at ${call.path}` } }
  if (call.body === undefined) return errorReply(400, 'The body is not JSON.')
  if (options.apiKey !== null && call.authorization !== `Bearer ${options.apiKey}`)
    return errorReply(401, `Incorrect API key: ${call.authorization}.`, 'invalid_api_key')
  if (options.models !== null && !options.models.includes(call.model))
    return errorReply(404, `The model '${call.model}' does not exist.`, 'model_not_found')
  const waitMs = rate?.take(performance.now()) ?? 0
  return waitMs > 0 ? rateLimitReply(Math.ceil(waitMs / 1000)) : undefined
}

function drawFate(options: FakeOptions, random: () => number): Fate {
  const draw = random()
  let edge = options.resetShare
  if (draw < edge) return 'reset'
  if (draw < (edge += options.hangShare)) return 'hang'
  if (draw < (edge += options.errorShare)) return 'error'
  if (draw < (edge += options.rateLimitShare)) return 'rate-limit'
  if (draw < edge + options.cutOffShare) return 'cut-off'
  return 'answer'
}

function errorReply(status: number, message: string, code: string | null = null): FakeReply {
  return { status, body: { error: { message, type: 'fake_error', param: null, code } } }
}

function rateLimitReply(retryAfterSeconds: number | null): FakeReply {
  const reply = errorReply(429, 'Too many requests.', 'rate_limit_exceeded')
  if (retryAfterSeconds === null) return reply
  return { ...reply, headers: { 'retry-after': String(retryAfterSeconds) } }
}

function sendReply(response: ServerResponse, reply: FakeReply): void {
  const isText = typeof reply.body === 'string'
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/html' : 'application/json',
    ...reply.headers,
  })
  response.end(isText ? reply.body : JSON.stringify(reply.body))
}
