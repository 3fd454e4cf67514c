import type { ChatAnswer, ChatRequest, FinishReason } from '../core/chat.ts'

import { splitThoughts } from '../core/think-tags.ts'

/** What a model of this process wrote. */
export interface WrittenAnswer {
  readonly model: string
  readonly text: string
  readonly finishReason: FinishReason
  readonly inputTokens: number
  readonly outputTokens: number
  /** How many tokens a text has. */
  readonly countTokens: (text: string) => number
}

/** The answer of a model of this process: its thoughts apart from its text, unless it continued a raw prompt. */
export function toLocalAnswer(request: ChatRequest, written: WrittenAnswer): ChatAnswer {
  const { model, finishReason, inputTokens, outputTokens } = written
  const isRaw = request.messages[0]?.role === 'prompt'
  const thought = isRaw ? { text: written.text } : splitThoughts(written.text)
  const { reasoning } = thought
  const reasoningTokens =
    reasoning === undefined ? 0 : Math.min(outputTokens, written.countTokens(reasoning))
  return {
    choices: [{ ...thought, finishReason }],
    usage: { inputTokens, outputTokens, ...(reasoningTokens === 0 ? {} : { reasoningTokens }) },
    model,
  }
}
