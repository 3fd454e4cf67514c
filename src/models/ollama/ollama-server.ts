import type { CallOptions } from '../../core/llm-spec.ts'

import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callForJson } from '../http/json-call.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import { toPublicUrl } from '../http/provider-call.ts'
import type { ProviderCall } from '../http/provider-call.ts'

/** Where an Ollama is, and who calls it. */
export interface OllamaConnection extends ModelConnection {
  readonly host: string
}

/** Speaks to an Ollama, one attempt a call. */
export interface OllamaServer {
  readonly http: DispatcherFetch
  callOf(path: string): ProviderCall
  /** Posts to a path; an error in the place of the member `wanted` is thrown. */
  ask(
    path: string,
    wanted: string,
    body: object,
    options: CallOptions | undefined,
  ): Promise<Readonly<Record<string, unknown>>>
}

/** Makes what speaks to an Ollama. */
export function createOllamaServer(connection: OllamaConnection): OllamaServer {
  const { model, host, key } = connection
  const http = createDispatcherFetch(connection.environment, connection.timeouts)
  const caller = callerOf(connection)
  const callOf = (path: string): ProviderCall => ({
    ...caller,
    url: toPublicUrl(`${host}${path}`),
    advice: {
      'model-unknown': `; run 'ollama pull ${model}' where it runs`,
      'endpoint-wrong': '; check that host is the address of an Ollama, without a path',
    },
  })
  return {
    http,
    callOf,
    async ask(path, wanted, body, options) {
      const outgoing = { url: `${host}${path}`, key, body, wanted }
      const reply = await callForJson(http, callOf(path), outgoing, options)
      return reply.body
    },
  }
}
