import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { cohere, cohereLLM } from '../../../src/models/cohere/cohere-llm.ts'
import {
  cohereEmbeddings,
  cohereEmbeddingsDefinition,
} from '../../../src/models/cohere/cohere-embeddings.ts'
import { request } from '../conformance/llm-conformance.ts'

const mock = new LLMock({ port: 0 })

beforeAll(async () => {
  mock.onMessage('Hello', { content: 'Hi there!' })
  await mock.start()
})
afterAll(() => mock.stop())

test("an independent fake of Cohere's chat is understood", async () => {
  const spec = cohere({ model: 'command-a-03-2025', baseURL: mock.url, apiKeyEnv: 'K' })
  const llm = await cohereLLM.create(spec, { K: 'some-key' })
  expect(await llm.chat(request('Hello'))).toMatchObject({
    choices: [{ text: 'Hi there!', finishReason: 'stop' }],
    model: 'command-a-03-2025',
  })
  await llm.close?.()
})

test('and so are its embeddings', async () => {
  const spec = cohereEmbeddings({ model: 'embed-v4.0', baseURL: mock.url, apiKeyEnv: 'K' })
  const model = await cohereEmbeddingsDefinition.create(spec, { K: 'some-key' })
  const { vectors } = await model.embed({ texts: ['one', 'two'] })
  expect(vectors).toHaveLength(2)
  expect(vectors[0]?.length).toBeGreaterThan(1)
  await model.close?.()
})
