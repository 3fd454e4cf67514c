import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import type { AnswerFormat } from '../../../src/core/chat.ts'
import type { OpenAIOptions } from '../../../src/models/openai/openai-llm.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { strictFormat, testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({ definition: openAILLM, spec: openai })

async function sent(
  options: Partial<OpenAIOptions>,
  parameters = {},
  format?: AnswerFormat,
): Promise<FakeCall> {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const spec = openai({
    model: 'gpt-4o-mini',
    baseURL: `${server().url}/v1/`,
    apiKeyEnv: null,
    ...options,
  })
  const llm = await openAILLM.create(spec, {})
  const asked = request('Hello', parameters)
  await llm.chat(format === undefined ? asked : { ...asked, format })
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

const sampling = {
  temperature: 0.5,
  topP: 0.9,
  stop: ['END'],
  frequencyPenalty: 0.1,
  presencePenalty: 0.2,
  logprobs: true,
  topLogprobs: 2,
}

test.for(['o3', 'o4-mini', 'gpt-5', 'gpt-5.6', 'openai/gpt-5-mini'])(
  '%s, which thinks, is not told how to draw tokens, since it would refuse',
  async (model) => {
    const generationKwargs = { ...sampling, seed: 3, reasoningEffort: 'low' as const }
    const { body } = await sent({ model, generationKwargs })
    expect(body).toEqual({
      model,
      messages: request('Hello').messages,
      max_completion_tokens: 8192,
      seed: 3,
      reasoning_effort: 'low',
    })
  },
)

test.for([
  ['gpt-5.1', { reasoningEffort: 'none' }],
  ['gpt-5-chat-latest', {}],
  ['gpt-5.2-chat-latest', {}],
  ['gpt-4.1', {}],
] as const)('%s with %o is told how to draw tokens', async ([model, kwargs]) => {
  const { body } = await sent({ model, generationKwargs: { ...sampling, ...kwargs } })
  expect(body).toMatchObject({ temperature: 0.5, top_p: 0.9, stop: ['END'], top_logprobs: 2 })
})

test('a model that thinks gives fewer answers at once', async () => {
  const most = async (model: string, api?: 'responses') => {
    const spec = openai({ model, apiKeyEnv: null, ...(api === undefined ? {} : { api }) })
    const llm = await openAILLM.create(spec, {})
    await llm.close?.()
    return llm.mostChoices
  }
  expect(await most('gpt-4o')).toBe(128)
  expect(await most('o3')).toBe(8)
  expect(await most('gpt-4o', 'responses')).toBe(1)
})

test('a schema that OpenAI takes strictly goes out strictly', async () => {
  const { body } = await sent({}, {}, strictFormat)
  expect(body).toMatchObject({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema: { required: ['answer'] } },
    },
  })
})

const anyMembers = { type: 'object', additionalProperties: { type: 'number' } }

test('a schema that has no strict form goes out as advice', async () => {
  const { body } = await sent({}, {}, { format: 'json', schema: anyMembers })
  expect(body).toMatchObject({
    response_format: { json_schema: { strict: false, schema: anyMembers } },
  })
})

test('a member that may be left out goes out strictly as one that may be null', async () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const { body } = await sent({}, {}, { format: 'json', schema })
  expect(body).toMatchObject({
    response_format: { json_schema: { strict: true, schema: { required: ['a'] } } },
  })
})

test('a tool is strict where its schema can be', async () => {
  const strict = await sent({ structuredMode: 'tool' }, {}, strictFormat)
  expect(strict.body).toMatchObject({
    tools: [{ type: 'function', function: { name: 'answer', strict: true } }],
    tool_choice: { type: 'function', function: { name: 'answer' } },
  })
  const loose = await sent({ structuredMode: 'tool' }, {}, { format: 'json', schema: anyMembers })
  expect(JSON.stringify(loose.body)).not.toContain('strict')
})

test('a schema that is none is refused by the provider, in one sentence', async () => {
  const error = { message: "Invalid schema for response_format 'answer'", type: 'x', code: null }
  server().set({ reply: { status: 400, body: { error } } })
  const asked = sent({}, {}, { format: 'json', schema: { type: 'nonsense' } })
  await expect(asked).rejects.toMatchObject({
    code: 'request-invalid',
    verdict: 'reject',
    message: expect.stringContaining("Invalid schema for response_format 'answer'"),
  })
})

test.for([
  [400, 'Error while downloading https://host/image.png.', 'request-invalid'],
  [400, 'Image exceeds the maximum size of 20 MB.', 'request-invalid'],
  [413, 'Payload too large.', 'context-length'],
] as const)(
  'an image that is refused by a %i rejects the row: %s',
  async ([status, message, code]) => {
    server().set({ reply: { status, body: { error: { message } } } })
    await expect(sent({})).rejects.toMatchObject({ code, verdict: 'reject' })
  },
)

test.for(['', '/v1/chat', '/v2'])(
  "a baseURL that ends in '%s' is named with its path",
  async (end) => {
    const baseURL = `${server().url}${end}`
    const error = await sent({ baseURL }).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'endpoint-wrong', verdict: 'stop' })
    expect(String(error)).toContain(`${baseURL}/chat/completions`)
    expect(String(error)).toContain('check that baseURL has the right path')
  },
)

test('how much is said and how fast goes out under its name', async () => {
  const { body } = await sent({
    generationKwargs: { verbosity: 'low', serviceTier: 'flex', reasoningSummary: 'auto' },
  })
  expect(body).toMatchObject({ verbosity: 'low', service_tier: 'flex' })
  expect(JSON.stringify(body)).not.toContain('auto')
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
