import type { ChatAnswer, ChatChoice, FinishReason } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { readReplyBody } from '../http/reply-body.ts'

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

/** Reads a chat completion in the wire format that most providers share. */
export function toChatAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  const { choices, usage, model: answeredBy } = readReplyBody(call, body, 'choices')
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
    model: typeof answeredBy === 'string' && answeredBy !== '' ? answeredBy : model,
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
