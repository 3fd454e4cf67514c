import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { type ChatRequest, user } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import {
  type MistralOptions,
  mistral,
  mistralLLM,
} from '../../../src/models/mistral/mistral-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { startMistral } from '../servers/mistral.ts'
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
      safePrompt: true,
      promptMode: 'reasoning',
      reasoningEffort: 'high',
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
    safe_prompt: true,
    prompt_mode: 'reasoning',
    reasoning_effort: 'high',
  })
})

async function create(options: Partial<MistralOptions> = {}): Promise<LLM> {
  const given = { model: 'mistral-small-latest', baseURL: server().url, apiKeyEnv: 'K', ...options }
  return mistralLLM.create(mistral(given), { K: 'some-key' })
}

/** What goes out for a request. */
async function sent(asked: ChatRequest, options: Partial<MistralOptions> = {}): Promise<object> {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const llm = await create(options)
  await llm.chat(asked)
  await llm.close?.()
  return calls[0]?.body as object
}

test('images go out as their addresses', async () => {
  const url = 'data:image/png;base64,iVBORw0K'
  const content = [
    { type: 'text', text: 'What is it?' },
    { type: 'image', url },
  ] as const
  const body = await sent({ messages: [user(content)], parameters: {}, sampleIndex: 0 })
  expect(body).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: url },
        ],
      },
    ],
  })
})

const schema = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
} as const

test('a schema is held strictly where it has a strict form, and told in words where not', async () => {
  const asked = { ...request('Hello'), format: { format: 'json', schema } } as const
  const strict = await sent(asked)
  expect(strict).toMatchObject({
    messages: asked.messages,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema },
    },
  })
  const open = { type: 'object', additionalProperties: { type: 'string' } } as const
  const loose = await sent({ ...asked, format: { format: 'json', schema: open } })
  expect(loose).toMatchObject({ response_format: { type: 'json_object' } })
  expect(JSON.stringify(loose)).toContain('JSON Schema')
  const worded = await sent(asked, { structuredMode: 'instructions' })
  expect(worded).not.toHaveProperty('response_format')
  expect(JSON.stringify(worded)).toContain('JSON Schema')
  const pattern = await sent({ ...asked, format: { format: 'regex', pattern: '[ab]+' } })
  expect(pattern).not.toHaveProperty('response_format')
  expect(JSON.stringify(pattern)).toContain('[ab]+')
})

test('an answer to a schema comes as JSON', async () => {
  const fake = await startMistral()
  const llm = await create({ baseURL: fake.url })
  const asked = { ...request('Hello'), choices: 2, format: { format: 'json', schema } } as const
  const { choices } = await llm.chat(asked)
  expect(choices.map(({ text }) => JSON.parse(text ?? ''))).toEqual([
    { answer: 'a text' },
    { answer: 'a text' },
  ])
  await llm.close?.()
  await fake.close()
})

test('several answers are asked for at once', async () => {
  expect(await sent({ ...request('Hello'), choices: 3 })).toMatchObject({ n: 3 })
  expect(await sent(request('Hello'))).not.toHaveProperty('n')
  const llm = await create()
  expect(llm.mostChoices).toBe(8)
  await llm.close?.()
})

test('what a model thought is kept apart from what it says', async () => {
  const content = [
    {
      type: 'thinking',
      thinking: [
        { type: 'text', text: 'First I ' },
        { type: 'text', text: 'think.' },
      ],
    },
    { type: 'text', text: '42' },
  ]
  const body = {
    model: 'magistral-medium-2509',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 4 } },
  }
  server().set({ reply: { status: 200, body } })
  const llm = await create()
  expect(await llm.chat(request('Hello'))).toEqual({
    choices: [{ text: '42', finishReason: 'stop', reasoning: 'First I think.' }],
    usage: { inputTokens: 7, outputTokens: 9, cachedInputTokens: 4 },
    model: 'magistral-medium-2509',
  })
  await llm.close?.()
})

test('a request that the client itself refuses is rejected in a sentence', async () => {
  const llm = await create()
  const asked = { ...request('Hello'), parameters: { temperature: 'hot' } }
  await expect(llm.chat(asked)).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining("MistralLLM 'mistral-small-latest' could not be asked"),
  })
  await llm.close?.()
})

test('models that think may answer longer, and how a schema is held counts', () => {
  expect(mistralLLM.identity(mistral({ model: 'magistral-small-latest' })).parameters).toEqual({
    maxNewTokens: 8192,
  })
  const worded = mistral({ model: 'm', structuredMode: 'instructions' })
  expect(mistralLLM.identity(worded).parameters).toEqual({
    maxNewTokens: 2048,
    structuredMode: 'instructions',
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
