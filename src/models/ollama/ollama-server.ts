import type { Environment } from '../../core/environment.ts'
import type { CallOptions } from '../../core/llm-spec.ts'

import type { CallTimeouts } from '../http/call-timer.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callForJson } from '../http/json-call.ts'
import { toPublicUrl } from '../http/provider-call.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { createRedact } from '../secrets.ts'

/** Where an Ollama is, and who calls it. */
export interface OllamaConnection {
  readonly type: string
  readonly model: string
  readonly host: string
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  readonly timeouts: CallTimeouts
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
  const { type, model, host, key, keyVariable } = connection
  const http = createDispatcherFetch(connection.environment, connection.timeouts)
  const redact = createRedact(key === undefined ? [] : [key])
  const callOf = (path: string): ProviderCall => ({
    who: `${type} '${model}'`,
    url: toPublicUrl(`${host}${path}`),
    keyVariable,
    redact,
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
