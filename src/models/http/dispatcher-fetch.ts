import type { Dispatcher } from 'undici'

import type { Environment } from '../../core/environment.ts'

import { BufferedResponse } from './buffered-response.ts'
import { type CallTimeouts, CallTimer } from './call-timer.ts'
import { createDispatcher } from './dispatcher.ts'
import type { HeaderReader } from './retry-after.ts'

/** A `fetch` of one model, and what ends its connections and the calls on them. */
export interface DispatcherFetch {
  fetch(input: string | URL | Request, init?: RequestInit & CallInit): Promise<Response>
  close(): Promise<void>
}

/** What a call may say beside what every `fetch` takes. */
export interface CallInit {
  /** Ends the call in the place of `signal`, unseen by a client that would wrap it at a cost. */
  readonly callSignal?: AbortSignal | undefined
  /** Given the headers of a reply that came whole, good or bad. */
  readonly onReplyHeaders?: ((headers: HeaderReader) => void) | undefined
  /** Ends the call where the reply is longer. */
  readonly mostBytes?: number
}

/** Code of the error that a call ends with whose reply is longer than it may be. */
export const tooLongCode = 'REPLY_TOO_LONG'

interface Outgoing {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string | null
  readonly signal: AbortSignal | null
  readonly onReplyHeaders: CallInit['onReplyHeaders']
  readonly mostBytes: number
}

/**
 * Makes a `fetch` over undici's dispatcher that reads whole bodies, at less than half of the
 * processor time of the platform's own.
 *
 * A call that fails or ends early takes its connection along, so that the next one gets another.
 * It follows no redirects, and goes through a proxy where the environment names one.
 */
export function createDispatcherFetch(
  environment: Environment,
  timeouts: CallTimeouts,
): DispatcherFetch {
  const dispatcher = createDispatcher(environment, timeouts.connectMs)
  let closed: Promise<void> | undefined
  return {
    async fetch(input, init) {
      const outgoing = await toOutgoing(input, init)
      const response = await send(dispatcher, outgoing, timeouts)
      outgoing.onReplyHeaders?.(response.headers)
      // The clients read of a response what BufferedResponse has, and nothing else.
      return response as unknown as Response
    },
    close: () => (closed ??= dispatcher.destroy()),
  }
}

async function toOutgoing(
  input: string | URL | Request,
  init: (RequestInit & CallInit) | undefined,
): Promise<Outgoing> {
  if (input instanceof Request)
    return {
      url: input.url,
      method: input.method,
      headers: input.headers,
      body: await input.text(),
      signal: init?.signal ?? input.signal,
      onReplyHeaders: init?.onReplyHeaders,
      mostBytes: init?.mostBytes ?? Number.POSITIVE_INFINITY,
    }
  return {
    url: String(input),
    method: init?.method ?? 'GET',
    headers: init?.headers instanceof Headers ? init.headers : new Headers(init?.headers),
    body: typeof init?.body === 'string' ? init.body : null,
    signal: init?.callSignal ?? init?.signal ?? null,
    onReplyHeaders: init?.onReplyHeaders,
    mostBytes: init?.mostBytes ?? Number.POSITIVE_INFINITY,
  }
}

function send(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal, mostBytes }: Outgoing,
  timeouts: CallTimeouts,
): Promise<BufferedResponse> {
  return new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url)
    const parts: Buffer[] = []
    let controller: Dispatcher.DispatchController | undefined
    let failure: Error | undefined
    let status = 0
    let size = 0
    let replyHeaders: Readonly<Record<string, string | string[] | undefined>> = {}

    const fail = (error: Error) => {
      settle()
      failure = error
      controller?.abort(error)
      reject(error)
    }
    const onAbort = () => fail(toError(signal?.reason))
    const timer = new CallTimer(timeouts, fail)
    const settle = () => {
      timer.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort)

    dispatcher.dispatch(
      { origin, path: pathname + search, method, headers: flatten(headers), body },
      {
        onRequestStart(started) {
          controller = started
          if (failure === undefined) timer.enter('firstByte')
          else started.abort(failure)
        },
        onResponseStart(_, statusCode, received) {
          if (statusCode < 200) return
          status = statusCode
          replyHeaders = received
        },
        onResponseData(_, part) {
          if (parts.length === 0) timer.enter('silence')
          else timer.heard()
          parts.push(part)
          size += part.length
          if (size > mostBytes)
            fail(Object.assign(new Error(`its reply is too long`), { code: tooLongCode }))
        },
        onResponseEnd() {
          settle()
          resolve(new BufferedResponse(url, status, replyHeaders, parts))
        },
        onResponseError(_, error) {
          settle()
          reject(error)
        },
      },
    )
  })
}

function flatten(headers: Headers): string[] {
  const flat: string[] = []
  for (const [name, value] of headers) flat.push(name, value)
  return flat
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
