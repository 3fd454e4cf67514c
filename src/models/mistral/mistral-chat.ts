import { HTTPClient, Mistral } from '@mistralai/mistralai'
import { chatComplete } from '@mistralai/mistralai/funcs/chatComplete.js'
import type { ChatCompletionRequest } from '@mistralai/mistralai/models/components'
import { MistralError, ResponseValidationError } from '@mistralai/mistralai/models/errors'

import type { ChatRequest } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { type JsonObject, isObject } from '../../core/json.ts'
import type { ChatOptions, LLM } from '../../core/llm-spec.ts'
import type { Environment } from '../../core/environment.ts'

import type { CallTimeouts } from '../http/call-timer.ts'
import { toChatAnswer } from '../openai/chat-completion.ts'
import { toConnectionError } from '../http/connection-error.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { toProviderError } from '../http/provider-error.ts'
import { reportRateLimits } from '../http/rate-limit-headers.ts'
import { createRedact } from '../secrets.ts'

/** A model behind Mistral's own API. */
export interface MistralChatOptions {
  readonly model: string
  readonly serverURL: string
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  readonly timeouts: CallTimeouts
}

/** Makes a model live over Mistral's client, one attempt a call. */
export function createMistralChat(options: MistralChatOptions): LLM {
  const { model } = options
  const http = createDispatcherFetch(options.environment, options.timeouts)
  const client = new Mistral({
    apiKey: options.key ?? '',
    serverURL: options.serverURL,
    httpClient: new HTTPClient({ fetcher: http.fetch }),
    retryConfig: { strategy: 'none' },
    // The fetch ends a call in time; this would only hide why.
    timeoutMs: options.timeouts.callMs + 10_000,
  })
  const call: ProviderCall = {
    who: `MistralLLM '${model}'`,
    url: toPublicUrl(`${options.serverURL}/v1/chat/completions`),
    keyVariable: options.keyVariable,
    redact: createRedact(options.key === undefined ? [] : [options.key]),
  }
  return {
    type: 'MistralLLM',
    model,
    isSimulated: false,
    async chat(request, { signal, onRateLimit } = {}) {
      let reply: unknown
      try {
        reply = await ask(client, toBody(options, request), signal, onRateLimit)
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw toError(call, error)
      }
      return toChatAnswer(call, reply, model)
    },
    close: http.close,
  }
}

/** Asks, and gives back the JSON in the wire's own names, also where the client finds it lacking. */
async function ask(
  client: Mistral,
  body: ChatCompletionRequest,
  signal: AbortSignal | undefined,
  onRateLimit: ChatOptions['onRateLimit'],
): Promise<unknown> {
  // Unlike the client's method, this function shows the response as well.
  const asked = chatComplete(client, body, signal === undefined ? {} : { fetchOptions: { signal } })
  const [result, call] = await asked.$inspect()
  if (call.status === 'complete') reportRateLimits(call.response.headers, onRateLimit)
  if (result.ok) {
    const { model, choices, usage } = result.value
    return {
      model,
      choices: choices.map((choice) => ({
        message: choice.message,
        finish_reason: choice.finishReason,
      })),
      usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
    }
  }
  const { error } = result
  if (error instanceof ResponseValidationError && error.statusCode === 200) return error.rawValue
  throw error
}

function toBody(options: MistralChatOptions, request: ChatRequest): ChatCompletionRequest {
  const { temperature, topP, maxNewTokens, stop, seed, frequencyPenalty, presencePenalty } = {
    ...options.parameters,
    ...request.parameters,
  }
  const body = {
    model: options.model,
    messages: request.messages,
    temperature,
    topP,
    maxTokens: maxNewTokens,
    stop,
    randomSeed: seed,
    frequencyPenalty,
    presencePenalty,
  }
  // The schema of the parameters has checked them, and the client checks them again.
  return body as unknown as ChatCompletionRequest
}

function toError(call: ProviderCall, error: unknown): RetortError {
  if (error instanceof MistralError)
    return toProviderError(
      call,
      { status: error.statusCode, headers: error.headers, body: parse(error.body) },
      Date.now(),
    )
  if (error instanceof SyntaxError)
    return new RetortError(
      'provider-unavailable',
      `${call.who} got JSON that does not parse from ${call.url}: ${call.redact(error.message)}.`,
    )
  return toConnectionError(call, error)
}

function parse(body: string): unknown {
  try {
    const json: unknown = JSON.parse(body)
    return isObject(json) ? json : body
  } catch {
    return body
  }
}
