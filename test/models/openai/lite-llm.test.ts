import { expect, test } from 'vitest'

import { liteLLM, liteLLMDefinition } from '../../../src/models/openai/lite-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({ definition: liteLLMDefinition, spec: liteLLM })

test("the proxy's own parameters go out under their names", async () => {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const spec = liteLLM({
    model: 'm',
    baseURL: `${server().url}/v1`,
    apiKeyEnv: null,
    generationKwargs: {
      dropParams: true,
      topK: 5,
      customLLMProvider: 'groq',
      fallbacks: ['other'],
      mockResponse: 'Hi',
    },
  })
  const llm = await liteLLMDefinition.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  expect(bodies[0]).toMatchObject({
    drop_params: true,
    top_k: 5,
    custom_llm_provider: 'groq',
    fallbacks: ['other'],
    mock_response: 'Hi',
  })
})

test('it has an address and a key of its own', () => {
  expect(liteLLMDefinition.limitGroup(liteLLM({ model: 'm' }))).toBe(
    'http://127.0.0.1:4000/v1 LITELLM_API_KEY m',
  )
})
