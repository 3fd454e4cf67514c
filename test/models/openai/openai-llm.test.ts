import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import type { OpenAIOptions } from '../../../src/models/openai/openai-llm.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testProvider } from '../conformance/provider-conformance.ts'

const { server } = testProvider({ definition: openAILLM, spec: openai })

async function sent(options: Partial<OpenAIOptions>, parameters = {}): Promise<FakeCall> {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const spec = openai({
    model: 'gpt-4o-mini',
    baseURL: `${server().url}/v1/`,
    apiKeyEnv: null,
    ...options,
  })
  const llm = await openAILLM.create(spec, {})
  await llm.chat(request('Hello', parameters))
  await llm.close?.()
  const [call] = calls
  if (call === undefined) throw new Error('Nothing was sent.')
  return call
}

test('every parameter of generation goes out under its name on the wire', async () => {
  const call = await sent({
    generationKwargs: {
      temperature: 0.5,
      topP: 0.9,
      maxNewTokens: 7,
      stop: ['END'],
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      extraBody: { service_tier: 'flex', temperature: 2 },
    },
  })
  expect(call.body).toEqual({
    model: 'gpt-4o-mini',
    messages: request('Hello').messages,
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 7,
    stop: ['END'],
    seed: 3,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    service_tier: 'flex',
  })
})

test("a request's parameters win over the model's own", async () => {
  const call = await sent({ generationKwargs: { temperature: 0.5 } }, { temperature: 0.1 })
  expect(call.body).toMatchObject({ temperature: 0.1, max_tokens: 2048 })
})

test.for(['o1', 'o3-mini', 'o4-mini', 'gpt-5', 'gpt-5-nano', 'openai/gpt-5.1'])(
  '%s gets max_completion_tokens, with room to think',
  async (model) => {
    const { body } = await sent({ model })
    expect(body).toMatchObject({ max_completion_tokens: 8192 })
    expect(body).not.toHaveProperty('max_tokens')
  },
)

test('a server that wants no key gets none', async () => {
  const call = await sent({})
  expect(call.authorization).toBeUndefined()
})

test('a refusal has no text, and says that it is one', async () => {
  const message = { role: 'assistant', content: null, refusal: 'I cannot.' }
  server().set({
    reply: { status: 200, body: { choices: [{ index: 0, message, finish_reason: 'stop' }] } },
  })
  const spec = openai({ model: 'm', baseURL: `${server().url}/v1`, apiKeyEnv: null })
  const llm = await openAILLM.create(spec, {})
  const answer = await llm.chat(request('Hello'))
  expect(answer.choices).toEqual([{ text: null, finishReason: 'refusal' }])
  expect(answer.model).toBe('m')
  await llm.close?.()
})

test('calls go through the proxy that the environment names, but for hosts that it excepts', async () => {
  const paths: string[] = []
  server().set({ respond: ({ path }) => void paths.push(path) })
  const spec = openai({ model: 'm', baseURL: 'http://model.invalid/v1', apiKeyEnv: null })
  const llm = await openAILLM.create(spec, { http_proxy: server().url })
  await llm.chat(request('Hello'))
  expect(paths).toEqual(['http://model.invalid/v1/chat/completions'])
  await llm.close?.()
  const excepted = await openAILLM.create(spec, {
    http_proxy: server().url,
    no_proxy: 'model.invalid',
  })
  await expect(excepted.chat(request('Hello'))).rejects.toMatchObject({ code: 'connection-lost' })
  await excepted.close?.()
})

test('a model counts by its provider, its name and what generates', () => {
  const spec = openai({ model: 'gpt-4o', generationKwargs: { temperature: 0 } })
  expect(openAILLM.identity(spec)).toEqual({
    provider: 'https://api.openai.com/v1',
    model: 'gpt-4o',
    parameters: { maxNewTokens: 2048, temperature: 0 },
  })
  const moved = openai({ model: 'gpt-4o', baseURL: 'http://127.0.0.1:1/v1/', apiKeyEnv: 'K' })
  expect(openAILLM.identity(moved).provider).toBe('http://127.0.0.1:1/v1')
  const named = openai({ model: 'gpt-4o', baseURL: 'http://127.0.0.1:1/v1', provider: 'ours' })
  expect(openAILLM.identity(named).provider).toBe('ours')
})

test('keys, limits and timeouts decide no answer', () => {
  const plain = openai({ model: 'gpt-4o' })
  const other = openai({
    model: 'gpt-4o',
    apiKeyEnv: 'OTHER',
    limits: { maxConcurrency: 5 },
    timeouts: { callSeconds: 5 },
  })
  expect(openAILLM.identity(other)).toEqual(openAILLM.identity(plain))
})

test('models share limits by provider, key variable and name, or by a group', () => {
  expect(openAILLM.limitGroup(openai({ model: 'gpt-4o' }))).toBe(
    'https://api.openai.com/v1 OPENAI_API_KEY gpt-4o',
  )
  expect(openAILLM.limitGroup(openai({ model: 'gpt-4o', limits: { group: 'all' } }))).toBe('all')
})
