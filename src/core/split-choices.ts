import type { ChatAnswer } from './chat.ts'

const noUsage = { inputTokens: 0, outputTokens: 0 }

/** Makes of one call's answer an answer for each of its choices; what the call took stands in the first. */
export function splitChoices({ choices, usage, model }: ChatAnswer): ChatAnswer[] {
  return choices.map((choice, index) =>
    index === 0
      ? { choices: [choice], usage, model }
      : { choices: [choice], usage: noUsage, model, isFurther: true },
  )
}
