import { expect, test } from 'vitest'

import {
  type OpenRouterGenerationKwargs,
  openRouter,
  openRouterLLM,
} from '../../../src/models/openai/open-router-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({ definition: openRouterLLM, spec: openRouter })

async function sent(generationKwargs: OpenRouterGenerationKwargs): Promise<unknown> {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const baseURL = `${server().url}/v1`
  const spec = openRouter({ model: 'm', baseURL, apiKeyEnv: null, generationKwargs })
  const llm = await openRouterLLM.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  return bodies[0]
}

test('how long a model thinks goes into one object with what is said of it by name', async () => {
  const extraBody = { reasoning: { exclude: false } }
  expect(await sent({ reasoningEffort: 'high', extraBody })).toMatchObject({
    reasoning: { exclude: false, effort: 'high' },
    max_tokens: 8192,
  })
  expect(await sent({ reasoningMaxTokens: 500 })).toMatchObject({ reasoning: { max_tokens: 500 } })
  expect(extraBody).toEqual({ reasoning: { exclude: false } })
})

test("the router's own parameters go out under its names", async () => {
  const body = await sent({
    providerRouting: { order: ['groq'], require_parameters: true },
    fallbackModels: ['other'],
    topK: 5,
    topA: 0.2,
    minP: 0.1,
    repetitionPenalty: 1.1,
  })
  expect(body).toMatchObject({
    provider: { order: ['groq'], require_parameters: true },
    models: ['other'],
    top_k: 5,
    top_a: 0.2,
    min_p: 0.1,
    repetition_penalty: 1.1,
  })
})

test('it has an address and a key of its own', () => {
  expect(openRouterLLM.limitGroup(openRouter({ model: 'm' }))).toBe(
    'https://openrouter.ai/api/v1 OPENROUTER_API_KEY m',
  )
})
