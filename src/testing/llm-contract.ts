import assert from 'node:assert/strict'

import { system, user } from '../core/chat.ts'
import type { ChatRequest } from '../core/chat.ts'
import type { LLM } from '../core/llm-spec.ts'
import { checkAborted, checkTokens, checkUntouched, toCases } from './contract-case.ts'
import type { ContractCase } from './contract-case.ts'

const conversations = 40

/**
 * What every model that answers must do, as cases for any test runner.
 *
 * Each case makes a model of its own and closes it. Together they ask about 50 times, so let the model speak to a fake
 * of its server, which answers each question with a text that is not the same as that to another.
 *
 * @param create - makes the model live, as `myLLM.definition.create(myLLM({ model: 'x' }), process.env)` does
 *
 * @example
 * With Vitest:
 * ```ts
 * import { llmContract } from 'retort/testing'
 * import { test } from 'vitest'
 *
 * const create = () => myLLM.definition.create(myLLM({ model: 'x', baseURL: fake.url }), { MY_KEY: 'k' })
 * for (const { name, run } of llmContract(create)) test(name, run)
 * ```
 *
 * @example
 * With Node's own runner:
 * ```ts
 * import { describe, it } from 'node:test'
 * import { llmContract } from 'retort/testing'
 *
 * describe('MyLLM', () => {
 *   for (const { name, run } of llmContract(create)) it(name, run)
 * })
 * ```
 */
export function llmContract(create: () => Promise<LLM>): readonly ContractCase[] {
  return toCases(create, {
    'a model answers a conversation with a text, its usage and its name': async (llm) => {
      const answer = await llm.chat(request('What is a retort?'), { example: () => 'A vessel.' })
      assert.equal(answer.choices.length, 1, 'one answer is wanted')
      const [choice] = answer.choices
      assert.equal(typeof choice?.text, 'string')
      assert.equal(choice?.finishReason, 'stop')
      const { inputTokens, outputTokens, ...parts } = answer.usage
      checkTokens({ inputTokens, outputTokens, ...parts })
      assert.ok(inputTokens > 0, 'usage.inputTokens is 0')
      assert.ok(outputTokens > 0, 'usage.outputTokens is 0')
      assert.equal(typeof answer.model, 'string')
      assert.notEqual(answer.model, '', 'the answer does not say which model gave it')
    },

    'a model answers many conversations at once, each with its own answer': async (llm) => {
      const prompts = Array.from({ length: conversations }, (_, index) => `Question ${index}`)
      const answers = await Promise.all(
        prompts.map((prompt) =>
          llm.chat(request(prompt), { example: () => `An answer to ${prompt}` }),
        ),
      )
      const texts = new Set(answers.map(({ choices }) => choices[0]?.text))
      assert.equal(texts.size, prompts.length, 'different questions got the same answer')
    },

    'a model gives as many answers at once as are wanted and it can': async (llm) => {
      const choices = Math.min(llm.mostChoices ?? 1, 2)
      if (choices === 1) return
      const answer = await llm.chat({ ...request('Again?'), choices }, { example: () => 'Again.' })
      assert.equal(answer.choices.length, choices)
    },

    'a model leaves the request as it is': async (llm) => {
      await checkUntouched(request('Once'), (asked) => llm.chat(asked, { example: () => 'Once.' }))
    },

    'a model throws the reason of a signal that was aborted before': async (llm) => {
      await checkAborted((signal) => llm.chat(request('Never'), { signal }))
    },
  })
}

/** A conversation of a system message and a question. */
function request(prompt: string): ChatRequest {
  return {
    messages: [system('You answer briefly.'), user(prompt)],
    parameters: {},
    sampleIndex: 0,
  }
}
