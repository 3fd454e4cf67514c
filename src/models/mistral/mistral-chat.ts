import { HTTPClient, Mistral } from '@mistralai/mistralai'
import { chatComplete } from '@mistralai/mistralai/funcs/chatComplete.js'
import {
  type ChatCompletionRequest,
  chatCompletionRequestToJSON,
} from '@mistralai/mistralai/models/components'

import { RetortError, messageOf } from '../../core/errors.ts'
import { jsonOrText } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'

import { toConnectionError } from '../http/connection-error.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { toProviderError } from '../http/provider-error.ts'
import { reportRateLimits } from '../http/rate-limit-headers.ts'

import { toMistralAnswer } from './mistral-answer.ts'
import { createMistralBatches } from './mistral-batches.ts'
import { type MistralBodyOptions, toMistralBody } from './mistral-body.ts'
import type { MistralConnection } from './mistral-connection.ts'

/** A model behind Mistral's own API. */
export interface MistralChatOptions extends MistralConnection, MistralBodyOptions {}

/** Mistral tells no most number; more would make one call too long. */
const mostChoices = 8

/** Makes a model live over Mistral's client, one attempt a call. */
export function createMistralChat(options: MistralChatOptions): LLM {
  const { type, model, serverURL } = options
  const http = createDispatcherFetch(options.environment, options.timeouts)
  const client = new Mistral({
    apiKey: options.key ?? '',
    serverURL,
    httpClient: new HTTPClient({ fetcher: http.fetch }),
    retryConfig: { strategy: 'none' },
    // The fetch ends a call in time; this would only hide why.
    timeoutMs: options.timeouts.callMs + 10_000,
  })
  const call: ProviderCall = {
    ...callerOf(options),
    url: toPublicUrl(`${serverURL}/v1/chat/completions`),
  }
  const jobs = createMistralBatches({
    connection: options,
    toBody: (request) => chatCompletionRequestToJSON(toMistralBody(options, request)),
    toAnswer: (body) => toMistralAnswer(call, body, model),
  })
  return {
    type,
    model,
    isSimulated: false,
    mostChoices,
    jobs,
    async chat(request, { signal, onRateLimit } = {}) {
      signal?.throwIfAborted()
      const body = toMistralBody(options, request)
      const asked = await ask(client, body, signal)
      if (asked.status !== 'complete') {
        if (signal?.aborted) throw signal.reason
        throw toError(call, asked)
      }
      const { response } = asked
      reportRateLimits(response.headers, onRateLimit)
      // What came is read in the wire's own names, also where the client finds it lacking.
      const reply = jsonOrText(await response.text())
      if (response.ok) return toMistralAnswer(call, reply, model)
      throw toProviderError(
        call,
        { status: response.status, headers: response.headers, body: reply },
        Date.now(),
      )
    },
    async close() {
      await Promise.all([http.close(), jobs.close()])
    },
  }
}

/** A reply, or why none came; `invalid`: the client itself took no such request. */
type Asked =
  | { readonly status: 'complete'; readonly response: Response }
  | { readonly status: 'request-error' | 'invalid'; readonly error: unknown }

/** Unlike the client's method, its function shows the response as well; what it throws is JSON that does not parse. */
async function ask(
  client: Mistral,
  body: ChatCompletionRequest,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  const options = signal === undefined ? {} : { fetchOptions: { signal } }
  try {
    const [result, call] = await chatComplete(client, body, options).$inspect()
    if (call.status === 'complete') return { status: call.status, response: call.response }
    return { status: call.status, error: result.error }
  } catch (error) {
    return { status: 'request-error', error }
  }
}

function toError(
  call: ProviderCall,
  { status, error }: Exclude<Asked, { status: 'complete' }>,
): RetortError {
  const said = call.redact(messageOf(error)).slice(0, 500)
  if (status === 'invalid')
    return new RetortError('request-invalid', `${call.who} could not be asked: ${said}.`, {
      cause: error,
    })
  if (error instanceof SyntaxError)
    return new RetortError(
      'provider-unavailable',
      `${call.who} got JSON that does not parse from ${call.url}: ${said}.`,
    )
  return toConnectionError(call, error)
}
