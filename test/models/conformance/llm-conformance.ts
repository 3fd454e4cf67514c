import { test } from 'vitest'

import { type ChatRequest, system, user } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { llmContract } from '../../../src/testing/llm-contract.ts'

/** What every model must do, whoever made it. */
export function testLLM(create: () => Promise<LLM>): void {
  for (const { name, run } of llmContract(create)) test(name, run)
}

/** A conversation of a system message and a question. */
export function request(prompt: string, parameters: ChatRequest['parameters'] = {}): ChatRequest {
  return { messages: [system('You answer briefly.'), user(prompt)], parameters, sampleIndex: 0 }
}
