import { APIError, OpenAI } from 'openai'

import type { RetortError } from '../../core/errors.ts'
import type { CallOptions } from '../../core/llm-spec.ts'

import { toClientError } from '../http/client-error.ts'
import { type CallInit, createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { reportRateLimits } from '../http/rate-limit-headers.ts'
import { readReplyBody } from '../http/reply-body.ts'

/** Where a server is that speaks OpenAI's API, and who calls it. */
export interface OpenAIConnection extends ModelConnection {
  readonly baseURL: string
  /** The header that holds the bare key; else it goes as a bearer's. */
  readonly keyHeader?: string
  /** Further headers of every call. */
  readonly headers?: Readonly<Record<string, string>>
  /** What stands in the query of every call. */
  readonly query?: Readonly<Record<string, string>>
}

/** One call to a server. */
export interface OpenAIAsk {
  /** `post` by default. */
  readonly method?: 'get' | 'post'
  /** What comes after the base address: `/chat/completions`. */
  readonly path: string
  readonly body?: object
  /** The member of a good reply without which an error in it stands for the whole. */
  readonly wanted: string
  /** The reply that an error in the place of one holds nevertheless. */
  readonly replyWithin?: (error: unknown) => Readonly<Record<string, unknown>> | undefined
}

/** Speaks to one server, one attempt a call. */
export interface OpenAIClient {
  /** OpenAI's own client for what `ask` is too little for; it throws errors for `toError`. */
  readonly sdk: OpenAI
  /**
   * Asks and gives back the reply's JSON.
   *
   * @throws RetortError whatever comes in its place; a signal's reason where that ended the call
   */
  ask(ask: OpenAIAsk, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>
  /** What errors say about a call to a path. */
  callOf(path: string): ProviderCall
  /** Turns what the client threw into the error of one attempt. */
  toError(path: string, error: unknown): RetortError
  close(): Promise<void>
}

/** Makes what speaks to a server over the `openai` client. */
export function createOpenAIClient(connection: OpenAIConnection): OpenAIClient {
  const { key } = connection
  const baseURL = connection.baseURL.replace(/\/+$/, '')
  const http = createDispatcherFetch(connection.environment, connection.timeouts)
  const sdk = new OpenAI({
    apiKey: key ?? 'none',
    defaultHeaders: headersOf(connection),
    ...(connection.query === undefined ? {} : { defaultQuery: { ...connection.query } }),
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL,
    maxRetries: 0,
    // The fetch ends a call in time; this would only hide why.
    timeout: connection.timeouts.callMs + 10_000,
    logLevel: 'off',
    fetch: http.fetch,
  })
  const caller = callerOf(connection)
  const calls = new Map<string, ProviderCall>()

  function callOf(path: string): ProviderCall {
    const known = calls.get(path)
    if (known !== undefined) return known
    const call = {
      ...caller,
      url: toPublicUrl(`${baseURL}${path}`),
    }
    calls.set(path, call)
    return call
  }

  return {
    sdk,
    callOf,
    toError: (path, error) => toClientError(OpenAI, callOf(path), error),
    async ask({ method = 'post', path, body, wanted, replyWithin }, { signal, onRateLimit } = {}) {
      signal?.throwIfAborted()
      const init: object = {
        callSignal: signal,
        onReplyHeaders: (headers) => reportRateLimits(headers, onRateLimit),
      } satisfies CallInit
      let reply: unknown
      try {
        reply = await sdk[method](path, { body, fetchOptions: init })
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        const within = error instanceof APIError ? replyWithin?.(error.error) : undefined
        if (within === undefined) throw toClientError(OpenAI, callOf(path), error)
        reply = within
      }
      return readReplyBody(callOf(path), reply, wanted)
    },
    close: http.close,
  }
}

/** A server that wants no key gets no header either. */
function headersOf({ key, keyHeader, headers }: OpenAIConnection): Record<string, string | null> {
  return {
    ...headers,
    ...(key === undefined || keyHeader !== undefined ? { Authorization: null } : {}),
    ...(key === undefined || keyHeader === undefined ? {} : { [keyHeader]: key }),
  }
}
