import { expect, test } from 'vitest'

import { type ChatRequest, system, user } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'

/** What every model must do, whoever made it. */
export function testLLM(create: () => Promise<LLM>): void {
  test('a model answers a conversation with a text, its usage and its name', async () => {
    const llm = await create()
    const answer = await llm.chat(request('What is a retort?'), { example: () => 'A vessel.' })
    expect(answer.choices).toHaveLength(1)
    expect(answer.choices[0]?.text).toEqual(expect.any(String))
    expect(answer.choices[0]?.finishReason).toBe('stop')
    expect(answer.usage.inputTokens).toBeGreaterThan(0)
    expect(answer.usage.outputTokens).toBeGreaterThan(0)
    expect(answer.model).not.toBe('')
    expect(llm.model).not.toBe('')
    await llm.close?.()
  })

  test('a model answers many conversations at once, each with its own answer', async () => {
    const llm = await create()
    const prompts = Array.from({ length: 40 }, (_, index) => `Question ${index}`)
    const ask = (prompt: string) =>
      llm.chat(request(prompt), { example: () => `An answer to ${prompt}` })
    const answers = await Promise.all(prompts.map(ask))
    const texts = new Set(answers.map((answer) => answer.choices[0]?.text))
    expect(texts.size).toBe(prompts.length)
    await llm.close?.()
  })

  test('a model leaves the request as it is', async () => {
    const llm = await create()
    const asked = request('Once')
    const before = structuredClone(asked)
    await llm.chat(asked, { example: () => 'Once.' })
    expect(asked).toEqual(before)
    await llm.close?.()
  })

  test('a model throws the reason of a signal that was aborted before', async () => {
    const llm = await create()
    const reason = new Error('cancelled')
    const asked = llm.chat(request('Never'), { signal: AbortSignal.abort(reason) })
    await expect(asked).rejects.toBe(reason)
    await llm.close?.()
  })
}

/** A conversation of a system message and a question. */
export function request(prompt: string, parameters: ChatRequest['parameters'] = {}): ChatRequest {
  return { messages: [system('You answer briefly.'), user(prompt)], parameters, sampleIndex: 0 }
}
