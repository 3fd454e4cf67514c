import type { CallOptions } from '../../core/llm-spec.ts'

import { toConnectionError } from './connection-error.ts'
import type { CallInit, DispatcherFetch } from './dispatcher-fetch.ts'
import type { ProviderCall } from './provider-call.ts'
import { toProviderError } from './provider-error.ts'
import { reportRateLimits } from './rate-limit-headers.ts'
import { readReplyBody } from './reply-body.ts'
import type { HeaderReader } from './retry-after.ts'

/** What is sent to a provider that has no client here. */
export interface Outgoing {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly key?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly mostBytes?: number
}

/** A good reply, as it came. */
export interface RawReply {
  readonly headers: HeaderReader
  bytes(): Promise<Uint8Array>
  text(): Promise<string>
}

/** A good reply's JSON. */
export interface JsonReply {
  readonly headers: HeaderReader
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Makes one attempt at a provider's HTTP API.
 *
 * @throws RetortError where the reply is no good one; the reason of the signal where that ended it
 */
export async function callProvider(
  http: DispatcherFetch,
  call: ProviderCall,
  outgoing: Outgoing,
  { signal, onRateLimit }: CallOptions = {},
): Promise<RawReply> {
  signal?.throwIfAborted()
  const { url, key, body, mostBytes } = outgoing
  const init: RequestInit & CallInit = {
    method: outgoing.method ?? 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...outgoing.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(mostBytes === undefined ? {} : { mostBytes }),
    callSignal: signal,
    onReplyHeaders: (headers) => reportRateLimits(headers, onRateLimit),
  }
  let response: Response
  try {
    response = await http.fetch(url, init)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw toConnectionError(call, error)
  }
  if (response.ok) return response
  const text = await response.text()
  const { status, headers } = response
  throw toProviderError(call, { status, headers, body: jsonIn(text) ?? text }, Date.now())
}

/**
 * As {@link callProvider}, where the reply is a JSON object.
 *
 * @param wanted - the member without which an error in the reply stands for the whole
 */
export async function callForJson(
  http: DispatcherFetch,
  call: ProviderCall,
  outgoing: Outgoing & { readonly wanted: string },
  options?: CallOptions,
): Promise<JsonReply> {
  const reply = await callProvider(http, call, outgoing, options)
  const text = await reply.text()
  const body = readReplyBody(call, jsonIn(text) ?? text, outgoing.wanted)
  return { headers: reply.headers, body }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
