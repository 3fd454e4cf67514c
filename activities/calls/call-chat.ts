import { textOf } from '../../src/core/chat.ts'
import type { AnswerFormat, ChatAnswer, ChatMessage } from '../../src/core/chat.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { LLM } from '../../src/core/llm-spec.ts'
import { splitChoices } from '../../src/core/split-choices.ts'
import { mostNewTokens } from '../../src/models/model-params.ts'
import { worstCase } from '../../src/models/worst-case.ts'
import type { CalledModel, Paid } from '../model-call.ts'

/** Some answers to one conversation. */
export interface ChatCalls {
  readonly messages: readonly ChatMessage[]
  readonly format: AnswerFormat | undefined
  /** Which answers are wanted. */
  readonly sampleIndexes: readonly number[]
  readonly priority: number
  /** The model's own parameters of generation. */
  readonly parameters: JsonObject
  readonly example: () => string
}

/** What an answer is taken for before it is there, where limits count tokens: few are as long as they may be. */
const usualShareOfAnswer = 0.25

/** Asks a model for several answers: together as many as it gives at once, and alone what one of those calls left out. */
export function callChat(
  model: CalledModel,
  calls: ChatCalls,
): readonly Promise<Paid<ChatAnswer>>[] {
  // Only a model that answers is registered under the kind that such a step asks.
  const live = model.live as LLM
  const { mostChoices = 1 } = live
  const { sampleIndexes } = calls
  if (mostChoices === 1 || sampleIndexes.length === 1)
    return sampleIndexes.map((index) => callOnce(model, live, calls, index, 1))
  const starts = sampleIndexes.filter((_, place) => place % mostChoices === 0)
  return starts.flatMap((first, call) => {
    const indexes = sampleIndexes.slice(call * mostChoices, (call + 1) * mostChoices)
    const going = callOnce(model, live, calls, first, indexes.length).then(
      ({ reply, ...paid }) => ({ ...paid, answers: splitChoices(reply) }),
    )
    return indexes.map(async (index, place) => {
      const { answers, costNanoUsd, budgetBlock } = await going
      const answer = answers[place]
      if (answer === undefined) return await callOnce(model, live, calls, index, 1)
      const isFurther = place > 0
      return {
        reply: answer,
        costNanoUsd: isFurther && costNanoUsd !== null ? 0 : costNanoUsd,
        budgetBlock,
      }
    })
  })
}

async function callOnce(
  model: CalledModel,
  live: LLM,
  { messages, format, priority, parameters, example }: ChatCalls,
  sampleIndex: number,
  choices: number,
): Promise<Paid<ChatAnswer>> {
  const request = {
    messages,
    parameters: {},
    sampleIndex,
    ...(choices === 1 ? {} : { choices }),
    ...(format === undefined ? {} : { format }),
  }
  return await model.call({
    priority,
    worst: worstCase(request, parameters),
    estimatedTokens:
      promptTokens(messages) + mostNewTokens(parameters) * usualShareOfAnswer * choices,
    attempt: (options) => live.chat(request, { ...options, example }),
  })
}

/** About four characters make a token. */
function promptTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + textOf(message).length, 0) / 4
}
