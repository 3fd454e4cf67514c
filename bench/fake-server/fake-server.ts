import { hash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { fakeAnswer, fakeJsonAnswer } from './fake-answer.ts'
import { answerBody } from './fake-body.ts'
import { readBody, toCall } from './fake-call.ts'
import {
  type FakeCall,
  type FakeOptions,
  type FakeReply,
  defaultFakeOptions,
} from './fake-options.ts'
import {
  errorReply,
  quotaReply,
  rateLimitHeaders,
  rateLimitReply,
  refusalOf,
  sendReply,
  withKey,
} from './fake-replies.ts'
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

type Fate = 'answer' | 'cut-off' | 'error' | 'rate-limit' | 'hang' | 'reset' | 'truncated' | 'stall'

/**
 * Starts a provider that speaks OpenAI's and Mistral's chat completions over HTTP on 127.0.0.1, and OpenAI's completions
 * and responses.
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
  const open = new Set<ServerResponse>()
  const settled = new WeakSet<ServerResponse>()

  function set(changes: Partial<FakeOptions>): void {
    const unknown = Object.keys(changes).find((name) => !Object.hasOwn(defaultFakeOptions, name))
    if (unknown !== undefined) throw new Error(`The fake provider has no option '${unknown}'.`)
    options = { ...options, ...changes }
    if (changes.seed !== undefined) random = seededRandom(changes.seed)
    if (changes.requestsPerMinute !== undefined) rate = rateOf(options)
    if (changes.isDown === true) cutOffAll()
  }

  function cutOffAll(): void {
    for (const response of open) if (!response.writableEnded) cutOff(response, 'down')
  }

  function cutOff(response: ServerResponse, status: string): void {
    settle(response, status)
    response.socket?.destroy()
  }

  function settle(response: ServerResponse, status: string): void {
    if (settled.has(response)) return
    settled.add(response)
    counters.status(status)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/__')) return serveControl(request, response)
    const index = counters.begin()
    open.add(response)
    response.once('close', () => {
      open.delete(response)
      counters.end()
    })
    if (options.isDown) {
      counters.cameWhileDown()
      return cutOff(response, 'down')
    }
    const text = await readBody(request)
    const call = toCall(request, text, index)
    const refusal = refusalOf(call, options, rate)
    if (refusal !== undefined) return send(call, response, refusal)
    const fate = drawFate(options, random)
    if (options.latencyMs > 0)
      setTimeout(() => finish(call, text, fate, response), options.latencyMs)
    else finish(call, text, fate, response)
  }

  function finish(call: FakeCall, text: string, fate: Fate, response: ServerResponse): void {
    if (response.destroyed) return
    if (fate === 'hang') return settle(response, 'hang')
    if (fate === 'reset') {
      settle(response, 'reset')
      response.socket?.resetAndDestroy()
      return
    }
    if (fate === 'error') return send(call, response, errorReply(options.errorStatus, 'It broke.'))
    if (fate === 'rate-limit')
      return send(call, response, rateLimitReply(options.retryAfterSeconds))
    if (options.quotaAnswers !== null && counters.answered >= options.quotaAnswers)
      return send(call, response, quotaReply)
    const answerOf = (choice: number) =>
      options.answer?.(call.prompt, call, choice) ?? standardAnswer(call, choice)
    const { body, usage } =
      options.wire?.body(call, answerOf(0), fate === 'cut-off') ??
      answerBody(call, answerOf, {
        cutOff: fate === 'cut-off' ? options.cutOffFinishReason : undefined,
        thoughts: options.thoughts,
      })
    if (fate === 'truncated' || fate === 'stall') return sendHalf(response, body, fate)
    counters.answer(hash('sha1', text), usage)
    settle(response, '200')
    response.writeHead(200, { ...answerHeaders, ...limitHeaders() })
    response.end(body)
  }

  function standardAnswer({ prompt, firstPrompt, wantsJson }: FakeCall, choice: number): string {
    const first = options.answersFirstPrompt ? firstPrompt : prompt
    const asked = choice === 0 ? first : `${first}\n${choice}`
    return options.answerJson || wantsJson ? fakeJsonAnswer(asked) : fakeAnswer(asked)
  }

  function sendHalf(response: ServerResponse, body: string, fate: 'truncated' | 'stall'): void {
    const length = Buffer.byteLength(body)
    settle(response, fate)
    response.writeHead(200, { ...answerHeaders, 'content-length': length })
    response.write(body.slice(0, Math.floor(body.length / 2)), () => {
      if (fate === 'truncated') response.destroy()
    })
  }

  function send(call: FakeCall, response: ServerResponse, reply: FakeReply): void {
    settle(response, String(reply.status))
    const isEchoed = options.echoKeyInErrors && reply.status >= 400
    sendReply(response, isEchoed ? withKey(reply, call) : reply, limitHeaders())
  }

  function limitHeaders(): Record<string, string> {
    return options.rateLimitHeaders && rate !== undefined ? rateLimitHeaders(rate) : {}
  }

  async function serveControl(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    try {
      if (request.method === 'POST' && request.url === '/__set') set(JSON.parse(body))
    } catch (error) {
      return sendReply(response, { status: 400, body: { error: String(error) } })
    }
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

function drawFate(options: FakeOptions, random: () => number): Fate {
  const draw = random()
  let edge = options.resetShare
  if (draw < edge) return 'reset'
  if (draw < (edge += options.hangShare)) return 'hang'
  if (draw < (edge += options.errorShare)) return 'error'
  if (draw < (edge += options.rateLimitShare)) return 'rate-limit'
  if (draw < (edge += options.cutOffShare)) return 'cut-off'
  if (draw < (edge += options.truncatedShare)) return 'truncated'
  if (draw < edge + options.stallShare) return 'stall'
  return 'answer'
}
