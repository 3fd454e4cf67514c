import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { LLM } from '../../../src/core/llm-spec.ts'
import { gemini, geminiLLM } from '../../../src/models/google/gemini-llm.ts'
import { vertexAI, vertexAILLM } from '../../../src/models/google/vertex-ai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'

// Speaks Google's wire format as others understand it.
const mock = new LLMock({ port: 0 })
const environment = { K: 'some-key' }
const models: Readonly<Record<string, () => Promise<LLM>>> = {
  'the Gemini API': () =>
    geminiLLM.create(
      gemini({ model: 'gemini-2.5-flash', baseURL: mock.url, apiKeyEnv: 'K' }),
      environment,
    ),
  'Vertex AI': () =>
    vertexAILLM.create(
      vertexAI({
        model: 'gemini-2.5-flash',
        project: 'p',
        location: 'us-central1',
        baseURL: `${mock.url}/v1`,
        apiKeyEnv: 'K',
      }),
      environment,
    ),
}

beforeAll(async () => {
  await mock.start()
})
afterAll(() => mock.stop())

test.for(Object.keys(models))('a model of %s answers, thinks and fails', async (name) => {
  const llm = await models[name]?.()
  mock.on(
    { userMessage: 'A retort?', systemMessage: 'You answer briefly.' },
    { content: 'A vessel.', reasoning: 'Glass.', usage: { promptTokenCount: 9 } },
  )
  expect(await llm?.chat(request('A retort?'))).toMatchObject({
    choices: [{ text: 'A vessel.', reasoning: 'Glass.', finishReason: 'stop' }],
  })
  mock.on({ userMessage: 'Much?' }, { content: 'No', finishReason: 'length' })
  expect(await llm?.chat(request('Much?'))).toMatchObject({
    choices: [{ text: 'No', finishReason: 'length' }],
  })
  mock.nextRequestError(429, { message: 'Slow down' })
  await expect(llm?.chat(request('Now?'))).rejects.toMatchObject({ code: 'rate-limited' })
  await llm?.close?.()
})
