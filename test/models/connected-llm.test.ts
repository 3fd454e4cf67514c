import { expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import { connectLLM } from '../../src/models/connected-llm.ts'
import { openAILLM, openai } from '../../src/models/openai/openai-llm.ts'
import { request } from './conformance/llm-conformance.ts'

test('a model on its own keeps its limit and repeats what its provider failed at', async () => {
  await using server = await startDisposableServer()
  const spec = openai({
    model: 'm',
    baseURL: `${server.url}/v1`,
    apiKeyEnv: null,
    limits: { maxConcurrency: 5 },
  })
  const llm = await connectLLM(openAILLM, spec, {})
  const prompts = Array.from({ length: 100 }, (_, index) => `Question ${index}`)
  const answers = await Promise.all(
    prompts.map((prompt, priority) => llm.ask(request(prompt), { priority })),
  )
  await llm.close()
  const stats = server.stats()
  expect(answers).toHaveLength(100)
  expect(stats).toMatchObject({ answered: 100, duplicates: 0 })
  expect(stats.peakInFlight).toBeLessThanOrEqual(5)
  expect(stats.statuses['500']).toBeGreaterThan(0)
  expect(stats.requests).toBeGreaterThan(100)
})

async function startDisposableServer() {
  const server = await startFakeServer({ errorShare: 0.3, resetShare: 0.05, latencyMs: 1 })
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}
