import { expect, test } from 'vitest'

import { groq, groqLLM } from '../../../src/models/openai/groq-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({
  definition: groqLLM,
  spec: groq,
  tokensMember: 'max_completion_tokens',
})

test('how thoughts are shown goes out under its name', async () => {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const spec = groq({
    model: 'qwen/qwen3-32b',
    baseURL: `${server().url}/v1`,
    apiKeyEnv: null,
    generationKwargs: {
      reasoningFormat: 'parsed',
      reasoningEffort: 'default',
      serviceTier: 'flex',
    },
  })
  const llm = await groqLLM.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  expect(bodies[0]).toMatchObject({
    reasoning_format: 'parsed',
    reasoning_effort: 'default',
    service_tier: 'flex',
    max_completion_tokens: 8192,
  })
})

test('it has an address and a key of its own', () => {
  expect(groqLLM.limitGroup(groq({ model: 'm' }))).toBe(
    'https://api.groq.com/openai/v1 GROQ_API_KEY m',
  )
})

async function answerTo(error: object) {
  server().set({ reply: { status: 400, body: { error } } })
  const llm = await groqLLM.create(
    groq({ model: 'm', baseURL: `${server().url}/v1`, apiKeyEnv: null }),
    {},
  )
  return llm.chat(request('Hello')).finally(() => void llm.close?.())
}

test.for(['json_validate_failed', 'tool_use_failed'])(
  'a text that Groq refuses by %s is the answer, so that it can be asked again',
  async (code) => {
    const message = 'Failed to validate JSON.'
    const answer = await answerTo({ message, code, failed_generation: '{"answer": Yes}' })
    expect(answer.choices).toEqual([{ text: '{"answer": Yes}', finishReason: 'stop' }])
    await expect(answerTo({ message, code, failed_generation: '' })).rejects.toMatchObject({
      code: 'request-invalid',
    })
  },
)
