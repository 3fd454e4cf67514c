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
