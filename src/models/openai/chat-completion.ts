import type { ChatAnswer, ChatChoice, FinishReason } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { statusInBody, toProviderError } from '../http/provider-error.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  content_filter: 'content-filter',
  refusal: 'refusal',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
}

const noHeaders = { get: () => null }

/** Reads a chat completion in the wire format that most providers share. */
export function toChatAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  if (!isObject(body)) throw notJson(call, body)
  const { choices, usage } = body
  if (!Array.isArray(choices) && isObject(body['error']))
    throw toProviderError(
      call,
      { status: statusInBody(body), headers: noHeaders, body },
      Date.now(),
    )
  if (!Array.isArray(choices) || choices.length === 0)
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without a choice from ${call.url}, so there is no answer to this request.`,
    )
  return {
    choices: choices.map(toChoice),
    usage: {
      inputTokens: countOf(usage, 'prompt_tokens'),
      outputTokens: countOf(usage, 'completion_tokens'),
    },
    model: typeof body['model'] === 'string' && body['model'] !== '' ? body['model'] : model,
  }
}

function toChoice(choice: unknown): ChatChoice {
  const { message, finish_reason: reason } = isObject(choice) ? choice : {}
  const finishReason = finishReasons[String(reason)] ?? 'unknown'
  if (!isObject(message)) return { text: null, finishReason }
  if (typeof message['refusal'] === 'string' && message['refusal'] !== '')
    return { text: null, finishReason: 'refusal' }
  return { text: textOf(message['content']), finishReason }
}

/** The text of a message, whether it is one or comes in parts. */
function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return null
  const parts = content
    .filter((part) => isObject(part) && typeof part['text'] === 'string')
    .map((part) => part.text)
  return parts.length === 0 ? null : parts.join('')
}

function countOf(usage: unknown, name: string): number {
  const count = isObject(usage) ? usage[name] : undefined
  return typeof count === 'number' && Number.isFinite(count) ? count : 0
}

function notJson(call: ProviderCall, body: unknown): RetortError {
  const isPage = typeof body === 'string' && /<html|<!doctype/i.test(body)
  if (isPage)
    return new RetortError(
      'endpoint-wrong',
      `${call.who} got a web page instead of an answer from ${call.url}; check that baseURL is the address of the API.`,
    )
  const what =
    typeof body === 'string' && body.trim() !== ''
      ? `'${call.redact(body).slice(0, 200)}'`
      : 'nothing'
  return new RetortError(
    'provider-unavailable',
    `${call.who} got ${what} in the place of JSON from ${call.url}.`,
  )
}
