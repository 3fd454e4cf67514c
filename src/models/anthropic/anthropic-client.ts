import type { CallOptions } from '../../core/llm-spec.ts'

import { toClientError } from '../http/client-error.ts'
import { type CallInit, createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { reportRateLimits } from '../http/rate-limit-headers.ts'

import { versionFor } from './claude-model.ts'

/** Anthropic's package, which not every user has installed. */
export type AnthropicPackage = typeof import('@anthropic-ai/sdk')

/** Where a server is that speaks Anthropic's API, and who calls it. */
export interface AnthropicConnection extends ModelConnection {
  /** Without the `/v1` of its paths. */
  readonly baseURL: string
  readonly anthropic: AnthropicPackage
}

/** Speaks to one server, one attempt a call. */
export interface AnthropicClient {
  readonly call: ProviderCall
  /** Asks for a message and gives back the reply's JSON, or else its text. */
  ask(body: object, options?: CallOptions): Promise<unknown>
  close(): Promise<void>
}

const messagesPath = '/v1/messages'

/** Makes what speaks to Anthropic's Messages API over its client. */
export function createAnthropicClient(connection: AnthropicConnection): AnthropicClient {
  const { model, baseURL, key, anthropic, timeouts } = connection
  const http = createDispatcherFetch(connection.environment, timeouts)
  const client = new anthropic.Anthropic({
    apiKey: key ?? 'none',
    webhookKey: null,
    defaultHeaders: {
      'anthropic-version': versionFor(model),
      // A server that wants no key gets no header either.
      ...(key === undefined ? { Authorization: null } : {}),
    },
    baseURL,
    maxRetries: 0,
    // The fetch ends a call in time; this would only hide why.
    timeout: timeouts.callMs + 10_000,
    logLevel: 'off',
    openTelemetry: false,
    fetch: http.fetch,
  })
  const call: ProviderCall = {
    ...callerOf(connection),
    url: toPublicUrl(`${baseURL}${messagesPath}`),
  }
  return {
    call,
    async ask(body, { signal, onRateLimit } = {}) {
      const init: object = {
        callSignal: signal,
        onReplyHeaders: (headers) => reportRateLimits(headers, onRateLimit),
      } satisfies CallInit
      try {
        // Its method for messages would write warnings of its own to the console.
        return await client.post<unknown>(messagesPath, { body, fetchOptions: init })
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw toClientError(anthropic, call, error)
      }
    },
    close: http.close,
  }
}
