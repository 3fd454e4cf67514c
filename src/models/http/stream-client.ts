import type { Readable } from 'node:stream'

import type { Environment } from '../../core/environment.ts'
import { jsonOrText } from '../../core/json.ts'

import type { CallTimeouts } from './call-timer.ts'
import { toConnectionError } from './connection-error.ts'
import { createDispatcher } from './dispatcher.ts'
import { type ProviderCall, type ProviderCaller, toPublicUrl } from './provider-call.ts'
import { toProviderError } from './provider-error.ts'
import { readReplyBody } from './reply-body.ts'
import type { HeaderReader } from './retry-after.ts'
import type { StreamBody } from './stream-body.ts'
import { type OutgoingStream, SourceError, exchangeStreams } from './stream-exchange.ts'
import { readLines } from './stream-lines.ts'

/** What every request of a client shares. */
export interface StreamClientOptions {
  readonly caller: ProviderCaller
  readonly environment: Environment
  readonly timeouts: CallTimeouts
  /** Sent with every request; the key is here. */
  readonly headers: Readonly<Record<string, string>>
}

/** One request. */
export interface StreamRequest {
  readonly url: string
  /** `POST` where there is a body, else `GET`. */
  readonly method?: OutgoingStream['method']
  readonly body?: StreamBody
  /** Beside those of the client, and in their place. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** A good reply, whose body is read once, in one of these ways, or else holds a connection. */
export interface StreamReply {
  readonly status: number
  readonly headers: HeaderReader
  readonly call: ProviderCall
  bytes(): AsyncGenerator<Uint8Array>
  /** Lines of UTF-8, without LF or CRLF at their ends. */
  lines(): AsyncGenerator<string>
  text(): Promise<string>
  /** As `readReplyBody` does, an error in the place of the member that is wanted counts as one. */
  json(wanted: string): Promise<Readonly<Record<string, unknown>>>
}

/**
 * Sends and reads bodies of any size without holding them.
 *
 * A request is one attempt. Its errors, also those that come while a reply is read, are those of chat
 * calls; what the request's own body throws is thrown as it is, and so is the reason of a signal.
 */
export interface StreamClient {
  send(request: StreamRequest): Promise<StreamReply>
  close(): Promise<void>
}

/** Errors are told in fewer bytes. */
const mostErrorBytes = 65_536

/** Makes a client that goes through the environment's proxies; it connects when it is first used. */
export function createStreamClient(options: StreamClientOptions): StreamClient {
  const dispatcher = createDispatcher(options.environment, options.timeouts.connectMs)
  let closed: Promise<void> | undefined
  return {
    async send({ url, body: sent, method = sent === undefined ? 'GET' : 'POST', headers, signal }) {
      signal.throwIfAborted()
      const call: ProviderCall = { ...options.caller, url: toPublicUrl(url) }
      const fail = (error: unknown) => toFailure(call, error, signal)
      const outgoing = {
        url,
        method,
        headers: { ...options.headers, ...headers },
        body: sent,
        signal,
      }
      const incoming = await exchangeStreams(dispatcher, outgoing, options.timeouts).catch(
        (error: unknown) => {
          throw fail(error)
        },
      )
      const pieces = () => readPieces(incoming.body, fail)
      const { status } = incoming
      if (status >= 200 && status < 300)
        return toReply(call, { status, headers: incoming.headers, pieces })
      const body = jsonOrText(await readText(atMost(pieces(), mostErrorBytes)))
      throw toProviderError(call, { status, headers: incoming.headers, body }, Date.now())
    },
    close: () => (closed ??= dispatcher.destroy()),
  }
}

interface GoodReply {
  readonly status: number
  readonly headers: HeaderReader
  pieces(): AsyncGenerator<Uint8Array>
}

function toReply(call: ProviderCall, { status, headers, pieces }: GoodReply): StreamReply {
  return {
    status,
    headers,
    call,
    bytes: pieces,
    lines: () => readLines(pieces()),
    text: () => readText(pieces()),
    json: async (wanted) => readReplyBody(call, jsonOrText(await readText(pieces())), wanted),
  }
}

async function* readPieces(
  body: Readable,
  toError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => {
        throw toError(error)
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    body.destroy()
  }
}

function toFailure(call: ProviderCall, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  return error instanceof SourceError ? error.cause : toConnectionError(call, error)
}

async function* atMost(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const piece of pieces) {
    yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}

async function readText(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Buffer.concat(parts).toString('utf8')
}
