import type { ChatAnswer, ChatChoice, FinishReason } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { statusInBody, toProviderError } from '../http/provider-error.ts'
import { readReplyBody } from '../http/reply-body.ts'
import { modelIn } from '../http/reply-members.ts'
import { splitThoughts } from '../../core/think-tags.ts'
import { toolAnswer } from './tool-answer.ts'
import { toLogprobs } from './wire-logprobs.ts'
import { toUsage } from './wire-usage.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  stop_sequence: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  content_filter: 'content-filter',
  safety: 'content-filter',
  refusal: 'refusal',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
}

/** Reasons that mean that the provider, not the model, ended the answer. */
const brokenOff: ReadonlySet<unknown> = new Set(['error', 'insufficient_system_resource', 'abort'])

const noHeaders = { get: () => null }

/** Reads a chat completion or a completion in the wire format that most providers share. */
export function toChatAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  const { choices, usage, model: answeredBy } = readReplyBody(call, body, 'choices')
  if (!Array.isArray(choices) || choices.length === 0)
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without a choice from ${call.url}, so there is no answer to this request.`,
    )
  return {
    choices: choices.map((choice: unknown) => toChoice(call, choice)),
    usage: toUsage(usage),
    model: modelIn(answeredBy, model),
  }
}

function toChoice(call: ProviderCall, choice: unknown): ChatChoice {
  if (!isObject(choice)) return { text: null, finishReason: 'unknown' }
  const { message, finish_reason: reason, logprobs } = choice
  if (brokenOff.has(reason)) throw brokenOffError(call, choice)
  const finishReason = finishReasons[String(reason).toLowerCase()] ?? 'unknown'
  const chosen = isObject(message)
    ? ofMessage(message, finishReason)
    : ofText(textOf(choice['text']), undefined, finishReason)
  if (logprobs === undefined || logprobs === null) return chosen
  const tokens = toLogprobs(logprobs)
  return tokens === undefined ? chosen : { ...chosen, logprobs: tokens }
}

function ofMessage(
  message: Readonly<Record<string, unknown>>,
  finishReason: FinishReason,
): ChatChoice {
  if (typeof message['refusal'] === 'string' && message['refusal'] !== '')
    return { text: null, finishReason: 'refusal' }
  const told = message['reasoning_content'] ?? message['reasoning'] ?? thoughtIn(message['content'])
  const reasoning = typeof told === 'string' && told.trim() !== '' ? told.trim() : undefined
  const called = toolAnswer(message['tool_calls'])
  if (called !== undefined)
    return {
      text: called,
      finishReason: finishReason === 'tool-calls' ? 'stop' : finishReason,
      ...(reasoning === undefined ? {} : { reasoning }),
    }
  return ofText(textOf(message['content']), reasoning, finishReason)
}

function ofText(
  text: string | null,
  reasoning: string | undefined,
  finishReason: FinishReason,
): ChatChoice {
  if (reasoning !== undefined) return { text, finishReason, reasoning }
  return text === null ? { text, finishReason } : { ...splitThoughts(text), finishReason }
}

/** What a message says in parts that are marked as thought. */
function thoughtIn(content: unknown): string | undefined {
  if (!Array.isArray(content)) return undefined
  const thoughts = content.flatMap((part) =>
    isObject(part) && part['type'] === 'thinking' ? [textOf(part['thinking']) ?? ''] : [],
  )
  return thoughts.length === 0 ? undefined : thoughts.join('\n\n')
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

function brokenOffError(
  call: ProviderCall,
  choice: Readonly<Record<string, unknown>>,
): RetortError {
  const { error, finish_reason: reason } = choice
  if (isObject(error))
    return toProviderError(
      call,
      { status: statusInBody(choice), headers: noHeaders, body: choice },
      Date.now(),
    )
  return new RetortError(
    'provider-unavailable',
    `${call.who} got an answer from ${call.url} that its provider broke off (${String(reason)}).`,
  )
}
