import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JobResult } from '../../../src/core/batch-jobs.ts'
import {
  openAIEmbeddings,
  openAIEmbeddingsDefinition,
} from '../../../src/models/openai/openai-embeddings.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'

// A fake of OpenAI's API that others made.
const mock = new LLMock({ port: 0 })
const { signal } = new AbortController()

beforeAll(async () => {
  mock.onEmbedding('a retort', { embedding: [0.5, -0.25, 2] })
  await mock.start()
})
afterAll(() => mock.stop())

test('a job runs from its submission to its results', async () => {
  const spec = openai({ model: 'gpt-4o-mini', baseURL: `${mock.url}/v1`, apiKeyEnv: 'K' })
  const llm = await openAILLM.create(spec, { K: 'test-key' })
  const { jobs } = llm
  if (jobs === undefined) throw new Error('It has no jobs.')
  const lines = ['What is a retort?', 'What is an alembic?'].map((prompt, index) =>
    jobs.toLine({ id: `r-${index}`, request: request(prompt) }),
  )
  async function* all() {
    yield* lines
  }
  const intent = { id: 'intent-1', requests: 2, submittedAt: Date.now() }
  const job = await jobs.submit(intent, all(), signal)
  expect(await jobs.find(intent, new Set(), signal)).toEqual({ id: job, isCertain: true })
  await expect.poll(async () => (await jobs.status(job, signal)).state).toBe('ended')
  const results: JobResult[] = []
  for await (const result of jobs.results(job, signal)) results.push(result)
  // It answers every request of a job alike.
  const answer = { choices: [{ text: 'Mock batch completion', finishReason: 'stop' }] }
  expect(results).toMatchObject([
    { id: 'r-0', answer },
    { id: 'r-1', answer },
  ])
  await jobs.cancel(job, signal)
  await llm.close?.()
})

test('texts become the vectors that were sent', async () => {
  const spec = openAIEmbeddings({ model: 'm', baseURL: `${mock.url}/v1`, apiKeyEnv: 'K' })
  const model = await openAIEmbeddingsDefinition.create(spec, { K: 'test-key' })
  const { vectors } = await model.embed({ texts: ['a retort'] })
  expect(vectors).toEqual([Float32Array.of(0.5, -0.25, 2)])
  await model.close?.()
})
