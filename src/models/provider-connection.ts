import type { Environment } from '../core/environment.ts'
import type { CallOptions } from '../core/llm-spec.ts'

import { type LLMTimeouts, toMilliseconds } from './model-params.ts'

/** How a model of one's own is connected. */
export interface ConnectOptions {
  /** Default as for every model. */
  readonly timeouts?: LLMTimeouts | undefined
  /** The header that the key goes out in, in the place of `Authorization: Bearer …`. */
  readonly keyHeader?: string | undefined
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Connections to a provider's HTTP API, as the built-in models have them. */
export interface ProviderConnection {
  /**
   * Sends JSON and gives the JSON object that comes back: one attempt, within the timeouts.
   *
   * The key goes along. What the reply says about limits is reported to the engine.
   *
   * @throws RetortError with a code by what happened (`rate-limited`, `authentication`, `connection-lost`, …), without keys; the reason of the signal where that ended the call
   */
  post(
    url: string,
    body: unknown,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

/** What makes connections for one model. */
export interface Connecting {
  readonly environment: Environment
  readonly key: string | undefined
  readonly keyVariable: string | undefined
}

/** @param who - what errors begin with, such as `MyLLM 'small'` */
export async function connectProvider(
  { environment, key, keyVariable }: Connecting,
  who: string,
  { timeouts, keyHeader, headers = {} }: ConnectOptions = {},
): Promise<ProviderConnection> {
  const [{ createDispatcherFetch }, { callForJson }, { toPublicUrl }, { createRedact }] =
    await Promise.all([
      import('./http/dispatcher-fetch.ts'),
      import('./http/json-call.ts'),
      import('./http/provider-call.ts'),
      import('./secrets.ts'),
    ])
  const http = createDispatcherFetch(environment, toMilliseconds(timeouts))
  const redact = createRedact(key === undefined ? [] : [key])
  const sent =
    keyHeader === undefined || key === undefined
      ? { key, headers }
      : { headers: { ...headers, [keyHeader]: key } }
  return {
    async post(url, body, options) {
      const call = { who, url: toPublicUrl(url), keyVariable, redact }
      const reply = await callForJson(http, call, { url, body, wanted: '', ...sent }, options)
      return reply.body
    },
    close: () => http.close(),
  }
}
