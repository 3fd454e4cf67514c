import { APIError, OpenAI } from 'openai'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'

import type { ChatRequest } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'
import type { Environment } from '../../core/environment.ts'

import { type CallTimeouts, timeoutCodes } from '../http/call-timer.ts'
import { toChatAnswer } from './chat-completion.ts'
import { toConnectionError } from '../http/connection-error.ts'
import { type CallInit, createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { toProviderError } from '../http/provider-error.ts'
import { reportRateLimits } from '../http/rate-limit-headers.ts'
import { createRedact } from '../secrets.ts'

/** A model behind OpenAI's chat completions. */
export interface OpenAIChatOptions {
  readonly type: string
  readonly model: string
  readonly baseURL: string
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** Whether the longest answer goes as `max_completion_tokens`. */
  readonly wantsCompletionTokens: boolean
  readonly timeouts: CallTimeouts
}

/** Makes a model live over the `openai` client, one attempt a call. */
export function createOpenAIChat(options: OpenAIChatOptions): LLM {
  const { type, model } = options
  const baseURL = options.baseURL.replace(/\/+$/, '')
  const http = createDispatcherFetch(options.environment, options.timeouts)
  const client = new OpenAI({
    // A server that wants no key gets no header either.
    apiKey: options.key ?? 'none',
    ...(options.key === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL,
    maxRetries: 0,
    // The fetch ends a call in time; this would only hide why.
    timeout: options.timeouts.callMs + 10_000,
    logLevel: 'off',
    fetch: http.fetch,
  })
  const call: ProviderCall = {
    who: `${type} '${model}'`,
    url: toPublicUrl(`${baseURL}/chat/completions`),
    keyVariable: options.keyVariable,
    redact: createRedact(options.key === undefined ? [] : [options.key]),
  }
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, { signal, onRateLimit } = {}) {
      signal?.throwIfAborted()
      const body = toBody(options, request)
      const init: object = {
        callSignal: signal,
        onReplyHeaders: (headers) => reportRateLimits(headers, onRateLimit),
      } satisfies CallInit
      let reply: unknown
      try {
        reply = await client.chat.completions.create(body, { fetchOptions: init })
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw toError(call, error)
      }
      return toChatAnswer(call, reply, model)
    },
    close: http.close,
  }
}

function toBody(
  options: OpenAIChatOptions,
  request: ChatRequest,
): ChatCompletionCreateParamsNonStreaming {
  const {
    temperature,
    topP,
    maxNewTokens,
    stop,
    seed,
    frequencyPenalty,
    presencePenalty,
    extraBody,
  } = { ...options.parameters, ...request.parameters }
  const body = {
    ...(extraBody as JsonObject | undefined),
    model: options.model,
    messages: request.messages,
    temperature,
    top_p: topP,
    [options.wantsCompletionTokens ? 'max_completion_tokens' : 'max_tokens']: maxNewTokens,
    stop,
    seed,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
  }
  // The schema of the parameters has checked them; the client sends what it is given.
  return body as unknown as ChatCompletionCreateParamsNonStreaming
}

function toError(call: ProviderCall, error: unknown): RetortError {
  if (error instanceof APIError && error.status !== undefined && error.headers !== undefined)
    return toProviderError(
      call,
      {
        status: error.status,
        headers: error.headers,
        body: error.error ?? error.message.replace(/^\d+ /, ''),
      },
      Date.now(),
    )
  if (error instanceof SyntaxError)
    return new RetortError(
      'provider-unavailable',
      `${call.who} got JSON that does not parse from ${call.url}: ${call.redact(error.message)}.`,
    )
  if (error instanceof OpenAI.APIConnectionTimeoutError)
    return toConnectionError(
      call,
      Object.assign(new Error(error.message), { code: timeoutCodes.call }),
    )
  return toConnectionError(call, error)
}
