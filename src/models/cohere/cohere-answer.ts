import type { ChatAnswer, ChatChoice, FinishReason, TokenLogprob, Usage } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { countIn } from '../http/reply-members.ts'
import { splitThoughts } from '../../core/think-tags.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
}
/** Reasons that mean that Cohere, not the model, ended the answer. */
const brokenOff: ReadonlySet<unknown> = new Set(['ERROR', 'TIMEOUT'])

type Members = Readonly<Record<string, unknown>>

/** Reads a reply of Cohere's chat. */
export function toCohereAnswer(call: ProviderCall, body: Members, model: string): ChatAnswer {
  const { message, finish_reason: reason, logprobs } = body
  if (brokenOff.has(reason))
    throw new RetortError(
      'provider-unavailable',
      `${call.who} got an answer from ${call.url} that its provider broke off (${String(reason)}).`,
    )
  if (!isObject(message))
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without a message from ${call.url}, so there is no answer to this request.`,
    )
  const tokens = toLogprobs(logprobs)
  return {
    choices: [
      {
        ...toChoice(message, finishReasons[String(reason)] ?? 'unknown'),
        ...(tokens === undefined ? {} : { logprobs: tokens }),
      },
    ],
    usage: toUsage(body['usage']),
    model,
  }
}

function toChoice({ content, tool_calls: calls }: Members, finishReason: FinishReason): ChatChoice {
  const items = (Array.isArray(content) ? content : [content]).filter(isObject)
  const reasoning = textsOf(items, 'thinking').join('\n\n').trim()
  // No tool is sent but the one that an answer may have to come through.
  const called = argumentsOf(calls)
  if (called !== undefined)
    return {
      text: called,
      finishReason: finishReason === 'tool-calls' ? 'stop' : finishReason,
      ...(reasoning === '' ? {} : { reasoning }),
    }
  const texts = typeof content === 'string' ? [content] : textsOf(items, 'text')
  if (reasoning !== '')
    return { text: texts.length === 0 ? null : texts.join(''), finishReason, reasoning }
  return texts.length === 0
    ? { text: null, finishReason }
    : { ...splitThoughts(texts.join('')), finishReason }
}

function textsOf(items: readonly Members[], type: string): readonly string[] {
  return items.flatMap((item) => {
    const text = item['type'] === type ? item[type] : undefined
    return typeof text === 'string' ? [text] : []
  })
}

function argumentsOf(calls: unknown): string | undefined {
  const [first]: unknown[] = Array.isArray(calls) ? calls : []
  const called = isObject(first) ? first['function'] : undefined
  const given = isObject(called) ? called['arguments'] : undefined
  return typeof given === 'string' ? given : undefined
}

/** Cohere tells of pieces of text, each with the log-probabilities of its tokens. */
function toLogprobs(logprobs: unknown): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(logprobs)) return undefined
  return logprobs.filter(isObject).flatMap(({ text, logprobs: values }) => {
    if (!Array.isArray(values)) return []
    const logprob = values.reduce<number>((sum, value) => sum + Number(value), 0)
    return [{ token: typeof text === 'string' ? text : '', logprob }]
  })
}

/** Tokens as the model counts them; what is billed may be fewer. */
function toUsage(usage: unknown): Usage {
  const { tokens, billed_units: billed, cached_tokens: cached } = isObject(usage) ? usage : {}
  const counts = isObject(tokens) ? tokens : billed
  const inputTokens = countIn(counts, 'input_tokens')
  const cachedInputTokens = typeof cached === 'number' ? Math.min(cached, inputTokens) : 0
  return {
    inputTokens,
    outputTokens: countIn(counts, 'output_tokens'),
    ...(cachedInputTokens === 0 ? {} : { cachedInputTokens }),
  }
}
