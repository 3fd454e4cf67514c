import type { ChatAnswer, ChatChoice, ChatMessage, FinishReason } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { statusInBody, toProviderError } from '../http/provider-error.ts'
import { readReplyBody } from '../http/reply-body.ts'
import type { AnswerForm } from './answer-form.ts'
import { toolAnswer } from './tool-answer.ts'
import { toLogprobs } from './wire-logprobs.ts'
import { toUsage } from './wire-usage.ts'

type Members = Readonly<Record<string, unknown>>

/** The body of a response: nothing of it is kept by the provider unless `extraBody` says so. */
export function toResponsesBody(
  model: string,
  messages: readonly ChatMessage[],
  members: Members,
  form: AnswerForm | undefined,
): Members {
  return {
    store: false,
    ...members,
    model,
    input: messages.map(toInput),
    ...formMembers(form, members),
  }
}

function toInput({ role, content }: ChatMessage): Members {
  if (typeof content === 'string') return { role, content }
  return {
    role,
    content: content.map((part) =>
      part.type === 'text'
        ? { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text }
        : { type: 'input_image', image_url: part.url },
    ),
  }
}

function formMembers(form: AnswerForm | undefined, { text }: Members): Members {
  if (form?.mode === 'json-schema') {
    const { schema, isStrict } = form
    const format = { type: 'json_schema', name: 'answer', schema, strict: isStrict }
    return { text: { ...(isObject(text) ? text : {}), format } }
  }
  if (form?.mode === 'tool') {
    const { name, description, parameters, isStrict } = form.tool
    return {
      tools: [{ type: 'function', name, description, parameters, strict: isStrict }],
      tool_choice: { type: 'function', name },
    }
  }
  return {}
}

/** Reads a response. */
export function toResponsesAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  const response = readReplyBody(call, body, 'status')
  const { output, status, error, incomplete_details: incomplete, usage } = response
  if (status === 'failed' || status === 'cancelled')
    throw toProviderError(
      call,
      { status: statusOf(error, response), headers: { get: () => null }, body: response },
      Date.now(),
    )
  if (!Array.isArray(output) || (output.length === 0 && status !== 'incomplete'))
    throw new RetortError(
      'request-invalid',
      `${call.who} got a response without output from ${call.url}, so there is no answer to this request.`,
    )
  const items = output.filter(isObject)
  const reason = isObject(incomplete) ? incomplete['reason'] : undefined
  const finishReason = status === 'incomplete' ? finishReasonOf(reason) : 'stop'
  return {
    choices: [toChoice(items, finishReason)],
    usage: toUsage(usage),
    model: typeof response['model'] === 'string' ? response['model'] : model,
  }
}

function toChoice(items: readonly Members[], finishReason: FinishReason): ChatChoice {
  const reasoning = items
    .filter(({ type }) => type === 'reasoning')
    .flatMap(({ summary, content }) => [...textsIn(summary), ...textsIn(content)])
    .join('\n\n')
    .trim()
  const thoughts = reasoning === '' ? {} : { reasoning }
  const parts = items
    .filter(({ type }) => type === 'message')
    .flatMap(({ content }) => (Array.isArray(content) ? content.filter(isObject) : []))
  if (parts.some(({ type }) => type === 'refusal'))
    return { text: null, finishReason: 'refusal', ...thoughts }
  const called = toolAnswer(items.filter(({ type }) => type === 'function_call'))
  if (called !== undefined) return { text: called, finishReason, ...thoughts }
  const texts = textsIn(parts)
  const logprobs = toLogprobs(
    parts.flatMap((part) => (Array.isArray(part['logprobs']) ? part['logprobs'] : [])),
  )
  return {
    text: texts.length === 0 ? null : texts.join(''),
    finishReason: isToolCall(items, texts) ? 'tool-calls' : finishReason,
    ...thoughts,
    ...(logprobs === undefined ? {} : { logprobs }),
  }
}

function isToolCall(items: readonly Members[], texts: readonly string[]): boolean {
  return texts.length === 0 && items.some(({ type }) => type === 'function_call')
}

function textsIn(parts: unknown): readonly string[] {
  if (!Array.isArray(parts)) return []
  return parts.flatMap((part) =>
    isObject(part) && typeof part['text'] === 'string' ? [part['text']] : [],
  )
}

function finishReasonOf(reason: unknown): FinishReason {
  if (reason === 'max_output_tokens') return 'length'
  return reason === 'content_filter' ? 'content-filter' : 'unknown'
}

/** What failed on the way is told by a code alone. */
function statusOf(error: unknown, response: Members): number {
  const code = isObject(error) ? error['code'] : undefined
  if (code === 'rate_limit_exceeded') return 429
  return code === 'server_error' || code === undefined ? statusInBody(response) : 400
}
