import type { ChatAnswer, ChatChoice, FinishReason, Usage } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { readReplyBody } from '../http/reply-body.ts'
import { countIn, modelIn } from '../http/reply-members.ts'
import { splitThoughts } from '../../core/think-tags.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
  tool_use: 'tool-calls',
}

type Block = Readonly<Record<string, unknown>>

/** Reads a message of Anthropic's Messages API. */
export function toMessagesAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  const message = readReplyBody(call, body, 'content')
  const { content } = message
  if (!Array.isArray(content))
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without content from ${call.url}, so there is no answer to this request.`,
    )
  const finishReason = finishReasons[String(message['stop_reason'])] ?? 'unknown'
  return {
    choices: [toChoice(content.filter(isObject), finishReason)],
    usage: toUsage(message['usage']),
    model: modelIn(message['model'], model),
  }
}

function toChoice(blocks: readonly Block[], finishReason: FinishReason): ChatChoice {
  const reasoning = textsOf(blocks, 'thinking')
    .filter((text) => text !== '')
    .join('\n\n')
  const thoughts = reasoning === '' ? {} : { reasoning }
  // What was said before a refusal is no answer.
  if (finishReason === 'refusal') return { text: null, finishReason, ...thoughts }
  // No tool is sent but the one that an answer may have to come through.
  const called = blocks.find((block) => block['type'] === 'tool_use')
  if (called !== undefined)
    return {
      text: JSON.stringify(called['input'] ?? {}),
      finishReason: finishReason === 'tool-calls' ? 'stop' : finishReason,
      ...thoughts,
    }
  const texts = textsOf(blocks, 'text')
  if (texts.length === 0) return { text: null, finishReason, ...thoughts }
  return { ...splitThoughts(texts.join('')), finishReason, ...thoughts }
}

function textsOf(blocks: readonly Block[], type: string): readonly string[] {
  return blocks.flatMap((block) => {
    const text = block['type'] === type ? block[type] : undefined
    return typeof text === 'string' ? [text] : []
  })
}

/** Anthropic counts input that went into or came out of its cache apart. */
function toUsage(usage: unknown): Usage {
  const cachedInputTokens = countIn(usage, 'cache_read_input_tokens')
  const cacheWriteTokens = countIn(usage, 'cache_creation_input_tokens')
  const details = isObject(usage) ? usage['output_tokens_details'] : undefined
  const reasoningTokens = countIn(details, 'thinking_tokens')
  return {
    inputTokens: countIn(usage, 'input_tokens') + cachedInputTokens + cacheWriteTokens,
    outputTokens: countIn(usage, 'output_tokens'),
    ...(cachedInputTokens === 0 ? {} : { cachedInputTokens }),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === 0 ? {} : { reasoningTokens }),
  }
}
