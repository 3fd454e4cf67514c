import type { ServerResponse } from 'node:http'

import type { FakeCall, FakeOptions, FakeReply } from './fake-options.ts'
import type { RequestRate } from './request-rate.ts'

/** What a request gets that no model would have answered; `undefined` where one would. */
export function refusalOf(
  call: FakeCall,
  options: FakeOptions,
  rate: RequestRate | undefined,
): FakeReply | undefined {
  if (options.reply !== null) return options.reply
  const reply = options.respond?.(call)
  if (reply !== undefined) return reply
  if (options.wire === null && call.path === '/v1/models') return modelsReply(options.models)
  if (!isAnswered(call.path, options))
    return { status: 404, body: { detail: `Nothing at ${call.path}` } }
  if (call.body === undefined) return errorReply(400, 'The body is not JSON.')
  if (
    options.apiKey !== null &&
    call.authorization !== `Bearer ${options.apiKey}` &&
    call.headers['api-key'] !== options.apiKey
  )
    return errorReply(401, `Incorrect API key: ${keySentBy(call)}.`, 'invalid_api_key')
  if (options.models !== null && !options.models.includes(call.model))
    return errorReply(404, `The model '${call.model}' does not exist.`, 'model_not_found')
  const waitMs = rate?.take(performance.now()) ?? 0
  return waitMs > 0 ? rateLimitReply(Math.ceil(waitMs / 1000)) : undefined
}

/** What a caller shows as its key, in whichever header. */
function keySentBy({ authorization, headers }: FakeCall): string {
  return authorization ?? String(headers['api-key'])
}

function isAnswered(path: string, { wire }: FakeOptions): boolean {
  if (wire !== null) return path.endsWith(wire.path)
  return /\/v1\/((chat\/)?completions|responses)$/.test(path) || deploymentPath.test(path)
}

const deploymentPath = /\/openai\/deployments\/[^/]+\/(chat\/)?completions\?api-version=/

function modelsReply(models: readonly string[] | null): FakeReply {
  const data = (models ?? ['small']).map((id) => ({ id, object: 'model' }))
  return { status: 200, body: { object: 'list', data } }
}

/** An error as OpenAI words it. */
export function errorReply(status: number, message: string, code: string | null = null): FakeReply {
  return { status, body: { error: { message, type: 'fake_error', param: null, code } } }
}

/** A 429 that says when to come again, unless that is `null`. */
export function rateLimitReply(retryAfterSeconds: number | null): FakeReply {
  const reply = errorReply(429, 'Too many requests.', 'rate_limit_exceeded')
  if (retryAfterSeconds === null) return reply
  return { ...reply, headers: { 'retry-after': String(retryAfterSeconds) } }
}

/** What an empty account gets: a 429, although waiting does not help. */
export const quotaReply = errorReply(429, 'The account is empty.', 'insufficient_quota')

/** The same complaint with the caller's key in it, as careless providers word it. */
export function withKey(reply: FakeReply, call: FakeCall): FakeReply {
  const { error, ...body } = (reply.body ?? {}) as { error?: { message?: string } }
  if (error === undefined) return reply
  const message = `${error.message} You sent '${keySentBy(call)}'.`
  return { ...reply, body: { ...body, error: { ...error, message } } }
}

/** OpenAI's headers about a limit of requests. */
export function rateLimitHeaders(rate: RequestRate): Record<string, string> {
  const { limit, remaining, resetMs } = rate.state(performance.now())
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': toDuration(resetMs),
  }
}

/** Sends a whole reply. */
export function sendReply(
  response: ServerResponse,
  reply: FakeReply,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isText = typeof reply.body === 'string'
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/html' : 'application/json',
    ...headers,
    ...reply.headers,
  })
  response.end(isText ? reply.body : JSON.stringify(reply.body))
}

/** As OpenAI writes it: `120ms`, `1.5s`, `6m0s`. */
function toDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds)}ms`
  const seconds = Math.ceil(milliseconds) / 1000
  if (seconds < 60) return `${seconds}s`
  return `${Math.floor(seconds / 60)}m${Math.ceil(seconds % 60)}s`
}
