import { AsyncLocalStorage } from 'node:async_hooks'

import type { CohereClientV2 } from 'cohere-ai'

import { RetortError, isRetortError, messageOf } from '../../core/errors.ts'
import type { CallOptions } from '../../core/llm-spec.ts'

import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callForJson } from '../http/json-call.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'

/** Cohere's package, which not every user has installed. */
export type CoherePackage = typeof import('cohere-ai')

/** Where a server is that speaks Cohere's API, and who calls it. */
export interface CohereConnection extends ModelConnection {
  /** Without the `/v2` of its paths. */
  readonly baseURL: string
  readonly cohere: CoherePackage
}

/** Speaks to one path of one server, one attempt a call. */
export interface CohereCaller {
  readonly call: ProviderCall
  /**
   * Asks over Cohere's client and gives back the reply's JSON in the wire's own names.
   *
   * @throws RetortError whatever comes in its place; a signal's reason where that ended the call
   */
  ask(
    send: (client: CohereClientV2) => PromiseLike<unknown>,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

interface Asked {
  readonly options: CallOptions
  reply?: Readonly<Record<string, unknown>>
}

type ClientOptions = NonNullable<ConstructorParameters<CoherePackage['CohereClientV2']>[0]>
type Fetcher = NonNullable<ClientOptions['fetcher']>

/**
 * Makes what speaks to a path of Cohere's API over its client.
 *
 * @param wanted - the member of a good reply without which an error in it stands for the whole
 */
export function createCohereCaller(
  connection: CohereConnection,
  path: '/v2/chat' | '/v2/embed',
  wanted: string,
): CohereCaller {
  const { baseURL, key, cohere } = connection
  const http = createDispatcherFetch(connection.environment, connection.timeouts)
  const call: ProviderCall = {
    ...callerOf(connection),
    url: toPublicUrl(`${baseURL}${path}`),
  }
  // The client hands nothing of a call on to its fetcher.
  const calls = new AsyncLocalStorage<Asked>()

  /** In the place of the client's own, whose timers outlive a call that fails, and which hides what a page says. */
  async function fetcher({ url, headers, body }: Parameters<Fetcher>[0]): Promise<unknown> {
    const asked = calls.getStore()
    const sent = { url, body, headers: textsIn(headers), wanted }
    const reply = await callForJson(http, call, sent, asked?.options)
    if (asked !== undefined) asked.reply = reply.body
    // The client would look at every number of a vector.
    return { ok: true, body: {}, rawResponse: { status: 200 } }
  }

  const client = new cohere.CohereClientV2({
    // An empty one sends no header.
    token: key ?? '',
    environment: baseURL,
    clientName: 'retort',
    // It reads of a reply what stands there.
    fetcher: fetcher as unknown as Fetcher,
  })
  return {
    call,
    async ask(send, options = {}) {
      options.signal?.throwIfAborted()
      const asked: Asked = { options }
      try {
        await calls.run(asked, () => send(client))
      } catch (error) {
        if (options.signal?.aborted || isRetortError(error)) throw error
        // The client checks what it sends.
        throw new RetortError(
          'request-invalid',
          `${call.who} could not be asked: ${call.redact(messageOf(error))}.`,
          { cause: error },
        )
      }
      return asked.reply ?? {}
    },
    close: http.close,
  }
}

function textsIn(headers: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}
