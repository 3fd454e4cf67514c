import { expect, test } from 'vitest'

import { type ChatRequest, assistant, prompt, user } from '../../../src/core/chat.ts'
import type { LLMSpec, RateLimitReport } from '../../../src/core/llm-spec.ts'
import type { CohereOptions } from '../../../src/models/cohere/cohere-llm.ts'
import { cohere, cohereLLM } from '../../../src/models/cohere/cohere-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testNative } from '../conformance/native-conformance.ts'
import { createWithout } from '../without-package.ts'
import { cohereError, cohereWire, replyOf } from './cohere-wire.ts'

const { server, live, sent, answerTo } = testNative({
  definition: cohereLLM,
  wire: cohereWire,
  answer: replyOf([{ type: 'text', text: 'Hi' }]),
  notFound: cohereError('Not found'),
  spec: cohere,
  replies: [
    [
      'a wrong key',
      'authentication',
      'stop',
      { status: 401, body: cohereError('invalid api token') },
    ],
    ['a forbidden call', 'authentication', 'stop', { status: 403, body: cohereError('No') }],
    ['an unpaid bill', 'quota', 'stop', { status: 402, body: cohereError('Add a payment method') }],
    [
      'the end of a trial',
      'quota',
      'stop',
      {
        status: 429,
        body: cohereError('You are using a Trial key, which is limited to 1000 API calls / month.'),
      },
    ],
    [
      'an unknown model',
      'model-unknown',
      'stop',
      {
        status: 404,
        body: cohereError("model 'small' not found, make sure the correct model ID was used."),
      },
    ],
    [
      'too many calls',
      'rate-limited',
      'retry',
      { status: 429, body: cohereError('You are past the per minute request limit.') },
    ],
    ['a failure', 'provider-unavailable', 'retry', { status: 500, body: cohereError('internal') }],
    ['an overload', 'provider-unavailable', 'retry', { status: 503, body: cohereError('busy') }],
    ['a call that was ended', 'provider-unavailable', 'retry', { status: 499, body: {} }],
    [
      'a prompt that is too long',
      'context-length',
      'reject',
      { status: 400, body: cohereError('too many tokens: size limit exceeded by 3 tokens.') },
    ],
    [
      'a word that is blocked',
      'content-filter',
      'reject',
      { status: 498, body: cohereError('blocked input') },
    ],
    [
      'an image that is too large',
      'request-invalid',
      'reject',
      { status: 400, body: cohereError('invalid request: image is larger than 20MB') },
    ],
    [
      'a schema that is refused',
      'request-invalid',
      'reject',
      { status: 422, body: cohereError('invalid json schema') },
    ],
    ['no message', 'request-invalid', 'reject', { status: 200, body: { id: '1' } }],
    [
      'an answer that broke off',
      'provider-unavailable',
      'retry',
      { status: 200, body: replyOf([], { finish_reason: 'ERROR' }) },
    ],
  ],
})

function command(options: Partial<CohereOptions> = {}): LLMSpec {
  return cohere({
    model: 'command-a-03-2025',
    baseURL: `${server().url}/v1/`,
    apiKeyEnv: null,
    ...options,
  })
}

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    code: { type: 'string', pattern: '[A-Z]{3}' },
    strict: { type: 'string', pattern: '^a$' },
    day: { type: 'string', format: 'date' },
    mail: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { enum: ['a', 'b'], type: 'string' }, maxItems: 3 },
  },
  required: ['name'],
  additionalProperties: false,
} as const

function asking(format: ChatRequest['format']): ChatRequest {
  return { ...request('Who?'), ...(format === undefined ? {} : { format }) }
}

test('every parameter of generation goes out under its name on the wire', async () => {
  const call = await sent(
    command({
      generationKwargs: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        maxNewTokens: 7,
        stop: 'END',
        seed: 3,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        logprobs: true,
        thinking: { budgetTokens: 100 },
        extraBody: { safety_mode: 'STRICT', model: 'another' },
      },
    }),
    request('Hello', { temperature: 0.6 }),
  )
  expect(call.path).toBe('/v2/chat')
  expect(call.body).toEqual({
    safety_mode: 'STRICT',
    model: 'command-a-03-2025',
    messages: request('Hello').messages,
    max_tokens: 7,
    temperature: 0.6,
    p: 0.9,
    k: 40,
    seed: 3,
    stop_sequences: ['END'],
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    logprobs: true,
    thinking: { type: 'enabled', token_budget: 100 },
    stream: false,
  })
})

test.for([
  ['command-a-03-2025', {}, { max_tokens: 2048 }],
  ['command-a-reasoning-08-2025', {}, { max_tokens: 8192 }],
  [
    'command-a-reasoning-08-2025',
    { thinking: 'disabled' },
    { max_tokens: 2048, thinking: { type: 'disabled' } },
  ],
  [
    'command-a-reasoning-08-2025',
    { thinking: { budgetTokens: 500 } },
    { max_tokens: 2548, thinking: { type: 'enabled', token_budget: 500 } },
  ],
] as const)('%s thinks as %o says', async ([model, generationKwargs, expected]) => {
  const { body } = await sent(command({ model, generationKwargs }))
  expect(body).toEqual({ model, messages: request('Hello').messages, stream: false, ...expected })
})

test('images go out by their address', async () => {
  const parts = [
    { type: 'text', text: 'Which?' },
    { type: 'image', url: 'data:image/png;base64,AAAA' },
  ] as const
  const messages = [user(parts), assistant('This.'), user('Sure?')]
  expect((await sent(command(), { ...request(''), messages })).body).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Which?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      { role: 'assistant', content: 'This.' },
      { role: 'user', content: 'Sure?' },
    ],
  })
})

test('a raw prompt is refused', async () => {
  const llm = await live(command())
  await expect(llm.chat({ ...request(''), messages: [prompt('Once')] })).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining('continues no raw prompts'),
  })
})

test('an answer is held to what Cohere takes of its schema, and told all of it', async () => {
  const { body } = await sent(command(), asking({ format: 'json', schema }))
  expect(body).toMatchObject({
    messages: [{ content: expect.stringContaining(JSON.stringify(schema)) }, { role: 'user' }],
    response_format: { type: 'json_object' },
  })
  const { response_format: sentFormat } = body as { response_format: { json_schema: object } }
  expect(sentFormat.json_schema).toEqual({
    type: 'object',
    properties: {
      name: { type: 'string' },
      code: { type: 'string', pattern: '[A-Z]{3}' },
      strict: { type: 'string' },
      day: { type: 'string', format: 'date' },
      mail: { type: 'string' },
      tags: { type: 'array', items: { enum: ['a', 'b'], type: 'string' } },
    },
    required: ['name'],
  })
})

test.for([
  ['of a regular expression', {}, { format: 'regex', pattern: '[a-z]+' }],
  [
    'that combines schemas',
    {},
    {
      format: 'json',
      schema: {
        type: 'object',
        properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
        required: ['a'],
      },
    },
  ],
  [
    'without anything required',
    {},
    { format: 'json', schema: { type: 'object', properties: { a: { type: 'string' } } } },
  ],
  ['that is an array', {}, { format: 'json', schema: { type: 'array', items: {} } }],
  [
    'with names of any kind',
    {},
    { format: 'json', schema: { type: 'object', additionalProperties: { type: 'number' } } },
  ],
  ['that is not a JSON Schema', {}, { format: 'json', schema: { type: 'object', properties: 3 } }],
  ['that is wanted in words', { structuredMode: 'instructions' }, { format: 'json', schema }],
] as const)('a form %s is told in words alone', async ([, options, format]) => {
  const { body } = await sent(command(options), asking(format))
  expect(body).not.toHaveProperty('response_format')
  const told = format.format === 'regex' ? format.pattern : JSON.stringify(format.schema)
  expect(body).toMatchObject({ messages: [{ content: expect.stringContaining(told) }, {}] })
})

test('a tool has to be called where that is wanted, and its arguments are the answer', async () => {
  const { body } = await sent(
    command({ structuredMode: 'tool' }),
    asking({ format: 'json', schema }),
  )
  expect(body).toMatchObject({
    messages: request('Who?').messages,
    tools: [{ type: 'function', function: { name: 'answer', parameters: schema } }],
    tool_choice: 'REQUIRED',
  })
  const call = {
    id: '1',
    type: 'function',
    function: { name: 'answer', arguments: '{"name":"Ada"}' },
  }
  const message = { role: 'assistant', tool_plan: 'I will call it.', tool_calls: [call] }
  const answer = await answerTo(replyOf([], { message, finish_reason: 'TOOL_CALL' }))
  expect(answer.choices).toEqual([{ text: '{"name":"Ada"}', finishReason: 'stop' }])
})

test('what was thought is told apart from what was said', async () => {
  const content = [
    { type: 'thinking', thinking: 'Let me see.' },
    { type: 'text', text: 'Four' },
    { type: 'text', text: 'teen.' },
  ]
  expect(await answerTo(replyOf(content))).toEqual({
    choices: [{ text: 'Fourteen.', reasoning: 'Let me see.', finishReason: 'stop' }],
    usage: { inputTokens: 71, outputTokens: 4 },
    model: 'small',
  })
  const tagged = [{ type: 'text', text: '<think>Hm.</think>Yes.' }]
  expect(await answerTo(replyOf(tagged))).toMatchObject({
    choices: [{ text: 'Yes.', reasoning: 'Hm.' }],
  })
})

test.for([
  [{ billed_units: { input_tokens: 5, output_tokens: 3 } }, { inputTokens: 5, outputTokens: 3 }],
  [
    { tokens: { input_tokens: 50, output_tokens: 3 }, cached_tokens: 20 },
    { inputTokens: 50, outputTokens: 3, cachedInputTokens: 20 },
  ],
  [undefined, { inputTokens: 0, outputTokens: 0 }],
] as const)('usage %o counts as %o', async ([usage, expected]) => {
  expect((await answerTo(replyOf('Hi', { usage }))).usage).toEqual(expected)
})

test.for([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_TOXIC', 'content-filter'],
  ['TOOL_CALL', 'tool-calls'],
  ['something else', 'unknown'],
] as const)('finish reason %s becomes %s', async ([wire, finishReason]) => {
  const answer = await answerTo(replyOf([{ type: 'text', text: 'Hi' }], { finish_reason: wire }))
  expect(answer.choices).toEqual([{ text: 'Hi', finishReason }])
})

test('a reply that says nothing has no text', async () => {
  const message = { role: 'assistant', content: null, tool_calls: [] }
  expect(await answerTo(replyOf([]))).toMatchObject({ choices: [{ text: null }] })
  expect(await answerTo(replyOf(null, { message }))).toMatchObject({ choices: [{ text: null }] })
})

test('log-probabilities come along', async () => {
  const logprobs = [
    { text: 'Hi', token_ids: [1], logprobs: [-0.5] },
    { text: ' there', token_ids: [2, 3], logprobs: [-0.25, -0.5] },
    { text: '!' },
  ]
  const answer = await answerTo(replyOf('Hi there!', { logprobs }))
  expect(answer.choices[0]?.logprobs).toEqual([
    { token: 'Hi', logprob: -0.5 },
    { token: ' there', logprob: -0.75 },
  ])
})

test('replies to a trial key tell what is left of its calls', async () => {
  const told: RateLimitReport[] = []
  const headers = {
    'x-endpoint-monthly-call-limit': '1000',
    'x-trial-endpoint-call-limit': '20',
    'x-trial-endpoint-call-remaining': '19',
  }
  server().set({ reply: { status: 200, headers, body: replyOf('Hi') } })
  const llm = await live()
  const ask = () =>
    llm
      .chat(request('Hello'), { onRateLimit: (report) => void told.push(report) })
      .catch(() => undefined)
  await ask()
  server().set({ reply: { status: 429, headers, body: cohereError('Slow down') } })
  await ask()
  const requests = { limit: 20, remaining: 19, windowMs: 60_000, resetMs: undefined }
  expect(told).toEqual(Array.from({ length: 2 }, () => ({ requests, tokens: undefined })))
})

test.for([
  ['topP', 1],
  ['topK', 501],
  ['frequencyPenalty', -1],
  ['stop', ['1', '2', '3', '4', '5', '6']],
] as const)('%s is not %o', ([name, value]) => {
  const spec = cohere({ model: 'm', generationKwargs: { [name]: value } })
  expect(() => cohereLLM.check(spec, { CO_API_KEY: 'k' }, 'ask')).toThrow(
    expect.objectContaining({ code: 'parameter-invalid', message: expect.stringContaining(name) }),
  )
})

test('a model counts by its provider, its name and what generates', () => {
  const spec = cohere({ model: 'm', generationKwargs: { topK: 3 }, structuredMode: 'tool' })
  expect(cohereLLM.identity(spec)).toEqual({
    provider: 'https://api.cohere.com',
    model: 'm',
    parameters: { maxNewTokens: 2048, topK: 3, structuredMode: 'tool' },
  })
  expect(cohereLLM.limitGroup(spec)).toBe('https://api.cohere.com CO_API_KEY m')
})

test("without Cohere's package a model says which one to install", async () => {
  const params = { model: 'm', apiKeyEnv: null }
  for (const [file, definition] of [
    ['cohere/cohere-llm', 'cohereLLM'],
    ['cohere/cohere-embeddings', 'cohereEmbeddingsDefinition'],
  ] as const)
    expect(await createWithout('cohere-ai', file, definition, params)).toEqual({
      code: 'package-missing',
      message: expect.stringContaining("needs the package 'cohere-ai', which is not installed"),
    })
})
