import type { GoogleGenAI } from '@google/genai'

import { RetortError, isRetortError, messageOf } from '../../core/errors.ts'
import type { CallOptions } from '../../core/llm-spec.ts'

import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callForJson } from '../http/json-call.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { importPeer } from '../import-peer.ts'

import { toCredentialsError } from './credentials-error.ts'
import type { GoogleAddress } from './google-address.ts'

/** Where one of Google's models is, and who calls it. */
export interface GoogleConnection extends GoogleAddress, ModelConnection {
  /** Without one, Vertex AI takes Application Default Credentials, and others are called without any. */
  readonly key: string | undefined
}

/** What is asked of a model. */
export interface GoogleAsk {
  readonly method: 'generateContent' | 'embedContent'
  readonly body: object
  /** The member of a good reply without which an error in it stands for the whole. */
  readonly wanted: string
}

/** A reply, and the call that it came to. */
export interface GoogleReply {
  readonly call: ProviderCall
  readonly body: Readonly<Record<string, unknown>>
}

/** Speaks to Google, one attempt a call. */
export interface GoogleClient {
  /** @throws RetortError whatever comes in the place of a reply; a signal's reason where that ended the call */
  ask(ask: GoogleAsk, options?: CallOptions): Promise<GoogleReply>
  close(): Promise<void>
}

/** The header that holds a key. */
export const keyHeader = 'x-goog-api-key'
const credentialsAdvice = '; check what the credentials may do in the project'
const noReply = { ok: true, status: 200, headers: new Headers(), json: async () => ({}) }

/**
 * Makes what speaks to Google over `@google/genai`, which is imported here.
 *
 * The client makes the addresses and the credentials of calls. What goes to and fro is the API's own JSON, which batch
 * jobs need as well, and goes over the fetch of all providers: the client would leave a listener on each signal behind.
 */
export async function createGoogleClient(connection: GoogleConnection): Promise<GoogleClient> {
  const { type, model, key } = connection
  const { GoogleGenAI } = await importPeer('@google/genai', type, () => import('@google/genai'))
  const http = createDispatcherFetch(connection.environment, connection.timeouts)
  const { models } = createQuietly(GoogleGenAI, connection)
  const caller = callerOf(connection)
  const takesCredentials = key === undefined && connection.vertex !== undefined
  const callOf = (url: string): ProviderCall => ({
    ...caller,
    url: toPublicUrl(url),
    ...(takesCredentials ? { advice: { authentication: credentialsAdvice } } : {}),
  })
  return {
    async ask({ method, body, wanted }, options = {}) {
      options.signal?.throwIfAborted()
      let reply: GoogleReply | undefined
      const fetch = async (input: string | URL | Request, init?: RequestInit) => {
        const url = input instanceof Request ? input.url : String(input)
        const call = callOf(url)
        const headers = new Headers(init?.headers)
        if (key === undefined) headers.delete(keyHeader)
        const outgoing = { url, headers: Object.fromEntries(headers), body, wanted }
        reply = { call, body: (await callForJson(http, call, outgoing, options)).body }
        return noReply as unknown as Response
      }
      try {
        await models[method]({
          model,
          contents: [{ text: '' }],
          config: { httpOptions: { fetch } },
        })
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason
        if (isRetortError(error)) throw error
        const call = callOf(connection.baseURL)
        throw takesCredentials ? toCredentialsError(call, error) : toRefusal(call, error)
      }
      if (reply !== undefined) return reply
      throw toRefusal(callOf(connection.baseURL), new Error('nothing was sent'))
    },
    close: http.close,
  }
}

/** The client remarks, partly on stdout, on variables of the environment that it is not meant to go by. */
function createQuietly(
  create: typeof GoogleGenAI,
  { key, baseURL, apiVersion, vertex, environment }: GoogleConnection,
): GoogleGenAI {
  const { debug, warn } = console
  console.debug = console.warn = () => {}
  try {
    const httpOptions = { baseUrl: baseURL, apiVersion }
    if (vertex === undefined) return new create({ vertexai: false, apiKey: key ?? '', httpOptions })
    const keyFilename = environment['GOOGLE_APPLICATION_CREDENTIALS']
    return new create({
      vertexai: true,
      ...vertex,
      ...(key === undefined ? {} : { apiKey: key }),
      ...(keyFilename === undefined ? {} : { googleAuthOptions: { keyFilename } }),
      httpOptions,
    })
  } finally {
    Object.assign(console, { debug, warn })
  }
}

/** The client itself takes no such call, which no waiting changes. */
function toRefusal({ who, redact }: ProviderCall, error: unknown): RetortError {
  const said = redact(messageOf(error))
  return new RetortError('request-invalid', `${who} could not be asked: ${said}.`, { cause: error })
}
