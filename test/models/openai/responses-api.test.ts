import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { type FakeCall, defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import { type ChatRequest, assistant, user } from '../../../src/core/chat.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import type { OpenAIOptions } from '../../../src/models/openai/openai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { regexFormat, strictFormat } from '../conformance/server-conformance.ts'

let server: FakeServer

beforeAll(async () => {
  server = await startFakeServer()
})
beforeEach(() => server.set(defaultFakeOptions))
afterAll(() => server.close())

async function ask(options: Partial<OpenAIOptions> = {}, asked: ChatRequest = request('Hello')) {
  const spec = openai({
    model: 'gpt-5',
    api: 'responses',
    baseURL: `${server.url}/v1`,
    apiKeyEnv: null,
    ...options,
  })
  const llm = await openAILLM.create(spec, {})
  try {
    return await llm.chat(asked)
  } finally {
    await llm.close?.()
  }
}

async function sent(options: Partial<OpenAIOptions> = {}, asked?: ChatRequest): Promise<FakeCall> {
  const calls: FakeCall[] = []
  server.set({ respond: (call) => void calls.push(call) })
  await ask(options, asked)
  const [call] = calls
  if (call === undefined) throw new Error('Nothing was sent.')
  return call
}

async function read(body: object) {
  server.set({ reply: { status: 200, body: { status: 'completed', model: 'gpt-5-x', ...body } } })
  return ask()
}

const message = { type: 'message', content: [{ type: 'output_text', text: 'Yes' }] }

test('a conversation goes out as input, of which the provider keeps nothing', async () => {
  const call = await sent()
  expect(call.path).toBe('/v1/responses')
  expect(call.body).toEqual({
    store: false,
    model: 'gpt-5',
    input: request('Hello').messages,
    max_output_tokens: 8192,
  })
})

test('parameters of generation go out where the Responses API has them', async () => {
  const generationKwargs = {
    temperature: 0.5,
    topP: 0.9,
    stop: 'END',
    seed: 3,
    presencePenalty: 0.1,
    maxNewTokens: 500,
    verbosity: 'low',
    reasoningEffort: 'high',
    reasoningSummary: 'detailed',
    topLogprobs: 2,
  } as const
  const thinks = await sent({ generationKwargs })
  const shared = {
    store: false,
    input: request('Hello').messages,
    max_output_tokens: 500,
    reasoning: { effort: 'high', summary: 'detailed' },
    text: { verbosity: 'low' },
  }
  expect(thinks.body).toEqual({ model: 'gpt-5', ...shared })
  const talks = await sent({ model: 'gpt-4.1', generationKwargs })
  expect(talks.body).toEqual({
    model: 'gpt-4.1',
    ...shared,
    temperature: 0.5,
    top_p: 0.9,
    include: ['message.output_text.logprobs'],
    top_logprobs: 2,
  })
})

test('a schema goes out with what else is said of the text', async () => {
  const generationKwargs = { verbosity: 'low' } as const
  const asked = { ...request('Hello'), format: strictFormat }
  const { body } = await sent({ generationKwargs }, asked)
  expect(body).toMatchObject({
    text: { verbosity: 'low', format: { type: 'json_schema', name: 'answer', strict: true } },
  })
})

test('a tool goes out flat, and a regular expression in words', async () => {
  const tool = await sent({ structuredMode: 'tool' }, { ...request('Hello'), format: strictFormat })
  expect(tool.body).toMatchObject({
    tools: [{ type: 'function', name: 'answer', strict: true }],
    tool_choice: { type: 'function', name: 'answer' },
  })
  const { body } = await sent({}, { ...request('Hello'), format: regexFormat })
  expect(JSON.stringify(body)).toContain('regular expression')
})

test('images go out within their message', async () => {
  const url = 'data:image/png;base64,iVBORw0KGgo='
  const content = [
    { type: 'text', text: 'What?' },
    { type: 'image', url },
  ] as const
  const messages = [user(content), assistant('A dot.'), user('Sure?')]
  const { body } = await sent({}, { ...request(''), messages })
  expect(body).toMatchObject({
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What?' },
          { type: 'input_image', image_url: url },
        ],
      },
      { role: 'assistant', content: 'A dot.' },
      { role: 'user', content: 'Sure?' },
    ],
  })
})

test('what was thought comes apart from the text, with all that the call took', async () => {
  const answer = await read({
    output: [
      {
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'First.' },
          { type: 'summary_text', text: 'Then.' },
        ],
      },
      message,
    ],
    usage: {
      input_tokens: 20,
      input_tokens_details: { cached_tokens: 10 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 25 },
      total_tokens: 50,
    },
  })
  expect(answer).toEqual({
    choices: [{ text: 'Yes', finishReason: 'stop', reasoning: 'First.\n\nThen.' }],
    usage: { inputTokens: 20, outputTokens: 30, cachedInputTokens: 10, reasoningTokens: 25 },
    model: 'gpt-5-x',
  })
})

test('log-probabilities come with their text', async () => {
  const logprobs = [{ token: 'Yes', logprob: -0.1, top_logprobs: [] }]
  const content = [{ type: 'output_text', text: 'Yes', logprobs }]
  const { choices } = await read({ output: [{ type: 'message', content }] })
  expect(choices[0]?.logprobs).toEqual([{ token: 'Yes', logprob: -0.1 }])
})

test.for([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
  ['something else', 'unknown'],
] as const)('what ended by %s ended as %s', async ([reason, finishReason]) => {
  const incomplete = { status: 'incomplete', incomplete_details: { reason } }
  const { choices } = await read({ ...incomplete, output: [message] })
  expect(choices).toEqual([{ text: 'Yes', finishReason }])
  const thoughtOnly = await read({ ...incomplete, output: [] })
  expect(thoughtOnly.choices).toEqual([{ text: null, finishReason }])
})

test('a refusal has no text, and says that it is one', async () => {
  const content = [{ type: 'refusal', refusal: 'I cannot.' }]
  const { choices } = await read({ output: [{ type: 'message', content }] })
  expect(choices).toEqual([{ text: null, finishReason: 'refusal' }])
})

test('arguments of the tool for answers are the text, and calls of others are none', async () => {
  const called = { type: 'function_call', name: 'answer', arguments: '{"answer":"Yes"}' }
  const { choices } = await read({ output: [called] })
  expect(choices).toEqual([{ text: '{"answer":"Yes"}', finishReason: 'stop' }])
  const other = await read({ output: [{ ...called, name: 'search' }] })
  expect(other.choices).toEqual([{ text: null, finishReason: 'tool-calls' }])
})

test.for([
  [{ code: 'server_error', message: 'Oops' }, 'provider-unavailable'],
  [{ code: 'rate_limit_exceeded', message: 'Slow down' }, 'rate-limited'],
  [{ code: 'invalid_prompt', message: 'Your prompt was flagged' }, 'content-filter'],
  [{ code: 'image_too_large', message: 'The image is too large.' }, 'request-invalid'],
] as const)('a response that failed by %o is an error', async ([error, code]) => {
  await expect(read({ status: 'failed', error, output: [] })).rejects.toMatchObject({ code })
})

test('an output list that is empty is no answer', async () => {
  await expect(read({ output: [] })).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining('a response without output'),
  })
})

test('the API decides answers where it is given', () => {
  const { parameters } = openAILLM.identity(openai({ model: 'gpt-4o', api: 'responses' }))
  expect(parameters).toEqual({ maxNewTokens: 2048, api: 'responses' })
})
