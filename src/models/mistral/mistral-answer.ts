import type { ChatAnswer } from '../../core/chat.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { toChatAnswer } from '../openai/chat-completion.ts'

/** Reads an answer of Mistral, whose thoughts are parts of its content. */
export function toMistralAnswer(call: ProviderCall, body: unknown, model: string): ChatAnswer {
  if (!isObject(body) || !Array.isArray(body['choices'])) return toChatAnswer(call, body, model)
  return toChatAnswer(call, { ...body, choices: body['choices'].map(withReasoning) }, model)
}

/** Puts what a model thought to where most providers have it. */
function withReasoning(choice: unknown): unknown {
  const message = isObject(choice) ? choice['message'] : undefined
  if (!isObject(choice) || !isObject(message) || !Array.isArray(message['content'])) return choice
  const thoughts = message['content']
    .filter((part) => isObject(part) && part['type'] === 'thinking')
    .map((part: Readonly<Record<string, unknown>>) => thoughtIn(part['thinking']))
  if (thoughts.length === 0) return choice
  return { ...choice, message: { ...message, reasoning_content: thoughts.join('') } }
}

function thoughtIn(thinking: unknown): string {
  if (typeof thinking === 'string') return thinking
  if (!Array.isArray(thinking)) return ''
  return thinking
    .map((part: unknown) => (isObject(part) ? part['text'] : undefined))
    .filter((text) => typeof text === 'string')
    .join('')
}
