import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { mistral, mistralLLM } from '../../../src/models/mistral/mistral-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testProvider } from '../conformance/provider-conformance.ts'

const { server } = testProvider({ definition: mistralLLM, spec: mistral })

test('every parameter of generation goes out under its name on the wire', async () => {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const spec = mistral({
    model: 'mistral-small-latest',
    baseURL: server().url,
    apiKeyEnv: 'K',
    generationKwargs: {
      temperature: 0.5,
      topP: 0.9,
      maxNewTokens: 7,
      stop: ['END'],
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
    },
  })
  const llm = await mistralLLM.create(spec, { K: 'some-key' })
  await llm.chat(request('Hello', { temperature: 0.6 }))
  await llm.close?.()
  expect(calls[0]?.path).toBe('/v1/chat/completions')
  expect(calls[0]?.body).toMatchObject({
    model: 'mistral-small-latest',
    temperature: 0.6,
    top_p: 0.9,
    max_tokens: 7,
    stop: ['END'],
    random_seed: 3,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
  })
})

test('a model counts by its provider without the path of the API', () => {
  const parameters = { maxNewTokens: 2048 }
  expect(mistralLLM.identity(mistral({ model: 'm' }))).toEqual({
    provider: 'https://api.mistral.ai',
    model: 'm',
    parameters,
  })
  const moved = mistral({ model: 'm', baseURL: 'http://127.0.0.1:1/v1/' })
  expect(mistralLLM.identity(moved).provider).toBe('http://127.0.0.1:1')
  expect(mistralLLM.limitGroup(moved)).toBe('http://127.0.0.1:1 MISTRAL_API_KEY m')
})
