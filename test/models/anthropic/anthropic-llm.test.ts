import { expect, test } from 'vitest'

import { type ChatRequest, prompt, user } from '../../../src/core/chat.ts'
import type { RateLimitReport } from '../../../src/core/llm-spec.ts'
import type { AnthropicOptions } from '../../../src/models/anthropic/anthropic-llm.ts'
import { anthropic, anthropicLLM } from '../../../src/models/anthropic/anthropic-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testNative } from '../conformance/native-conformance.ts'
import { createWithout } from '../without-package.ts'
import { anthropicReplies } from './anthropic-replies.ts'
import { anthropicError, messageOf, messagesWire } from './messages-wire.ts'

const { server, live, sent, answerTo } = testNative({
  definition: anthropicLLM,
  wire: messagesWire,
  answer: messageOf([{ type: 'text', text: 'Hi' }]),
  notFound: anthropicError('not_found_error', 'Not found'),
  spec: anthropic,
  replies: anthropicReplies,
})

function claude(
  model: string,
  options: Partial<AnthropicOptions> = {},
): ReturnType<typeof anthropic> {
  return anthropic({ model, baseURL: `${server().url}/v1/`, apiKeyEnv: null, ...options })
}

const schema = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 2 }, age: { type: 'integer' } },
  required: ['name'],
} as const

function asking(format: ChatRequest['format']): ChatRequest {
  return { ...request('Who?'), ...(format === undefined ? {} : { format }) }
}

test('every parameter of generation goes out under its name on the wire', async () => {
  const call = await sent(
    claude('claude-sonnet-4-0', {
      generationKwargs: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        maxNewTokens: 7,
        stop: 'END',
        seed: 3,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        extraBody: { service_tier: 'standard_only', model: 'another' },
      },
    }),
    request('Hello', { temperature: 0.6 }),
  )
  expect(call.path).toBe('/v1/messages')
  expect(call.body).toEqual({
    service_tier: 'standard_only',
    model: 'claude-sonnet-4-0',
    max_tokens: 7,
    system: 'You answer briefly.',
    messages: [{ role: 'user', content: 'Hello' }],
    stop_sequences: ['END'],
    temperature: 0.6,
    top_p: 0.9,
    top_k: 40,
  })
})

test.for([
  ['claude-haiku-4-5', { temperature: 0.5, top_k: 40 }],
  ['claude-sonnet-4-6', { temperature: 0.5, top_k: 40 }],
  ['claude-opus-4-7', {}],
  ['claude-haiku-5-5', {}],
  ['claude-mythos-preview', {}],
] as const)('%s is sent what it takes of the parameters of sampling', async ([model, sampling]) => {
  const call = await sent(
    claude(model, { generationKwargs: { temperature: 0.5, topP: 0.9, topK: 40 } }),
  )
  const { temperature, top_p, top_k } = call.body as Record<string, unknown>
  expect({ temperature, top_p, top_k }).toEqual(sampling)
})

test('an API that takes parameters of sampling is asked for where a model does', async () => {
  const versions: (string | undefined)[] = []
  server().set({
    respond: ({ headers }) => void versions.push(String(headers['anthropic-version'])),
  })
  for (const model of ['claude-haiku-4-5', 'claude-opus-5']) {
    const llm = await live(claude(model))
    await llm.chat(request('Hello'))
  }
  expect(versions).toEqual(['2023-06-01', '2026-10-21'])
})

test.for([
  [
    'claude-haiku-4-5',
    { thinking: { budgetTokens: 2000 }, temperature: 0.5, topP: 0.96, topK: 3 },
    { thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4048, top_p: 0.96 },
  ],
  [
    'claude-sonnet-4-6',
    { thinking: 'adaptive', temperature: 0.5, topP: 0.5 },
    { thinking: { type: 'adaptive', display: 'summarized' }, max_tokens: 8192 },
  ],
  [
    'claude-opus-5',
    { reasoningEffort: 'low' },
    {
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'low' },
      max_tokens: 8192,
    },
  ],
  [
    'claude-opus-4-5',
    { reasoningEffort: 'low' },
    { output_config: { effort: 'low' }, max_tokens: 2048 },
  ],
  ['claude-sonnet-5', {}, { max_tokens: 8192 }],
  [
    'claude-sonnet-5',
    { thinking: 'disabled' },
    { thinking: { type: 'disabled' }, max_tokens: 2048 },
  ],
] as const)('%s thinks as %o says', async ([model, generationKwargs, expected]) => {
  const { body } = await sent(claude(model, { generationKwargs }))
  expect(body).toEqual({
    model,
    system: 'You answer briefly.',
    messages: [{ role: 'user', content: 'Hello' }],
    ...expected,
  })
})

test.for([
  ['claude-opus-4-7', { thinking: { budgetTokens: 2000 } }, 'takes no budget'],
  ['claude-haiku-4-5', { thinking: 'adaptive' }, 'give it budgetTokens'],
  ['claude-haiku-4-5', { reasoningEffort: 'low' }, 'set thinking instead'],
  ['claude-haiku-4-5', { thinking: { budgetTokens: 2000 }, maxNewTokens: 2000 }, 'more than'],
  ['claude-haiku-4-5', { temperature: 1.5 }, 'temperature'],
] as const)('%s is not made with %o', ([model, generationKwargs, why]) => {
  expect(() =>
    anthropicLLM.check(anthropic({ model, generationKwargs }), { ANTHROPIC_API_KEY: 'k' }, 'ask'),
  ).toThrow(
    expect.objectContaining({ code: 'parameter-invalid', message: expect.stringContaining(why) }),
  )
})

test('a request with fewer tokens than may be thought is refused before it is sent', async () => {
  const llm = await live(
    claude('claude-haiku-4-5', { generationKwargs: { thinking: { budgetTokens: 2000 } } }),
  )
  await expect(llm.chat(request('Hello', { maxNewTokens: 500 }))).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining('raise maxNewTokens above thinking.budgetTokens'),
  })
})

test('images go out as what they hold or by their address', async () => {
  const parts = [
    { type: 'image', url: 'data:image/png;base64,AAAA' },
    { type: 'image', url: 'https://example.com/a.jpg' },
    { type: 'text', text: 'Which?' },
  ] as const
  const call = await sent(claude('claude-opus-5'), { ...request(''), messages: [user(parts)] })
  expect(call.body).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
          { type: 'text', text: 'Which?' },
        ],
      },
    ],
  })
})

test('an image of a type that no Claude reads rejects its row', async () => {
  const llm = await live(claude('claude-opus-5'))
  const messages = [user([{ type: 'image', url: 'data:image/bmp;base64,AAAA' }])]
  await expect(llm.chat({ ...request(''), messages })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining("was given one of the type 'image/bmp'."),
  })
})

test('a raw prompt is refused', async () => {
  const llm = await live(claude('claude-opus-5'))
  await expect(llm.chat({ ...request(''), messages: [prompt('Once')] })).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining('continues no raw prompts'),
  })
})

test('an answer is held to a JSON Schema, with what cannot be held in words', async () => {
  const { body } = await sent(claude('claude-opus-5'), asking({ format: 'json', schema }))
  expect(body).toMatchObject({
    system: 'You answer briefly.',
    output_config: {
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string', description: '(minLength 2)' },
            age: { type: ['integer', 'null'] },
          },
          required: ['name', 'age'],
          additionalProperties: false,
        },
      },
    },
  })
  expect(body).not.toHaveProperty('tools')
})

const record = { type: 'object', additionalProperties: { type: 'number' } } as const

test.for([
  ['a Claude that has no other way', 'claude-sonnet-4-0', schema],
  ['a schema that cannot be held to', 'claude-haiku-4-5', record],
] as const)('%s answers through a tool', async ([, model, given]) => {
  const spec = claude(model)
  const { body } = await sent(spec, asking({ format: 'json', schema: given }))
  expect(body).toMatchObject({
    tools: [{ name: 'answer', input_schema: given }],
    tool_choice: { type: 'tool', name: 'answer' },
  })
  expect(body).not.toHaveProperty('output_config')
})

test.for([
  ['of a regular expression', 'claude-opus-5', {}, { format: 'regex', pattern: '[a-z]+' }],
  [
    'that a thinking model cannot be held to',
    'claude-opus-5',
    {},
    { format: 'json', schema: record },
  ],
  [
    'that is not a JSON Schema',
    'claude-opus-5',
    {},
    { format: 'json', schema: { type: 'object', properties: { a: 3 } } },
  ],
  [
    'that is wanted in words',
    'claude-haiku-4-5',
    { structuredMode: 'instructions' },
    { format: 'json', schema },
  ],
] as const)('a form %s is told in words', async ([, model, options, format]) => {
  const { body } = await sent(claude(model, options), asking(format))
  expect(body).not.toHaveProperty('tools')
  expect(body).not.toHaveProperty('output_config')
  const told = format.format === 'regex' ? format.pattern : JSON.stringify(format.schema)
  expect(body).toMatchObject({ system: expect.stringContaining(told) })
})

test('the arguments of the tool are the answer', async () => {
  const input = { name: 'Ada' }
  const content = [
    { type: 'text', text: 'Here you are.' },
    { type: 'tool_use', id: 'toolu_1', name: 'answer', input },
  ]
  const answer = await answerTo(messageOf(content, { stop_reason: 'tool_use' }))
  expect(answer.choices).toEqual([{ text: '{"name":"Ada"}', finishReason: 'stop' }])
})

test('what was thought is told apart from what was said, and counted', async () => {
  const content = [
    { type: 'thinking', thinking: 'Let me see.', signature: 's' },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'thinking', thinking: '', signature: 's' },
    { type: 'text', text: 'Four' },
    { type: 'text', text: 'teen.' },
  ]
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 50,
    output_tokens: 30,
    output_tokens_details: { thinking_tokens: 20 },
  }
  expect(await answerTo(messageOf(content, { usage, model: 'claude-x' }))).toEqual({
    choices: [{ text: 'Fourteen.', reasoning: 'Let me see.', finishReason: 'stop' }],
    usage: {
      inputTokens: 160,
      outputTokens: 30,
      cachedInputTokens: 100,
      cacheWriteTokens: 50,
      reasoningTokens: 20,
    },
    model: 'claude-x',
  })
})

test.for([
  ['end_turn', 'stop', 'Hi'],
  ['stop_sequence', 'stop', 'Hi'],
  ['max_tokens', 'length', 'Hi'],
  ['model_context_window_exceeded', 'length', 'Hi'],
  ['refusal', 'refusal', null],
  ['pause_turn', 'unknown', 'Hi'],
  ['something else', 'unknown', 'Hi'],
] as const)('stop reason %s becomes %s', async ([wire, finishReason, text]) => {
  const answer = await answerTo(
    messageOf([{ type: 'text', text: 'Hi' }], { stop_reason: wire, usage: null }),
  )
  expect(answer).toEqual({
    choices: [{ text, finishReason }],
    usage: { inputTokens: 0, outputTokens: 0 },
    model: 'small',
  })
})

test('a message that says nothing has no text', async () => {
  expect(await answerTo(messageOf([]))).toMatchObject({ choices: [{ text: null }] })
  const cutOff = messageOf([], { stop_reason: 'refusal', stop_details: { type: 'refusal' } })
  expect(await answerTo(cutOff)).toMatchObject({
    choices: [{ text: null, finishReason: 'refusal' }],
  })
})

test('thoughts within tags are told apart as well', async () => {
  const text = '<think>Hm.</think>Yes.'
  expect(await answerTo(messageOf([{ type: 'text', text }]))).toMatchObject({
    choices: [{ text: 'Yes.', reasoning: 'Hm.' }],
  })
})

test('replies tell what is left of the limits', async () => {
  const told: RateLimitReport[] = []
  const headers = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + 60_000).toISOString(),
    'anthropic-ratelimit-tokens-limit': '40000',
    'anthropic-ratelimit-tokens-remaining': '39000',
  }
  server().set({ reply: { status: 200, headers, body: messageOf([]) } })
  const llm = await live()
  const ask = () =>
    llm
      .chat(request('Hello'), { onRateLimit: (report) => void told.push(report) })
      .catch(() => undefined)
  await ask()
  server().set({ reply: { status: 429, headers, body: anthropicError('rate_limit_error', 'No') } })
  await ask()
  const report = {
    requests: { limit: 50, remaining: 49, windowMs: 60_000, resetMs: expect.closeTo(60_000, -4) },
    tokens: { limit: 40_000, remaining: 39_000, windowMs: 60_000, resetMs: undefined },
  }
  expect(told).toEqual([report, report])
})

test('a model counts by its provider, its name and what generates', () => {
  const spec = anthropic({
    model: 'claude-haiku-4-5',
    generationKwargs: { thinking: { budgetTokens: 1024 } },
    structuredMode: 'tool',
  })
  expect(anthropicLLM.identity(spec)).toEqual({
    provider: 'https://api.anthropic.com',
    model: 'claude-haiku-4-5',
    parameters: { maxNewTokens: 3072, thinking: { budgetTokens: 1024 }, structuredMode: 'tool' },
  })
  const moved = anthropic({
    model: 'm',
    baseURL: 'http://127.0.0.1:1/v1',
    limits: { maxConcurrency: 1 },
  })
  expect(anthropicLLM.identity(moved).provider).toBe('http://127.0.0.1:1')
  expect(anthropicLLM.limitGroup(moved)).toBe('http://127.0.0.1:1 ANTHROPIC_API_KEY m')
})

test("without Anthropic's package a model says which one to install", async () => {
  const params = { model: 'claude-opus-5', apiKeyEnv: null }
  const file = 'anthropic/anthropic-llm'
  expect(await createWithout('@anthropic-ai/sdk', file, 'anthropicLLM', params)).toEqual({
    code: 'package-missing',
    message:
      "AnthropicLLM needs the package '@anthropic-ai/sdk', which is not installed; run 'npm install @anthropic-ai/sdk' beside your pipeline.",
  })
})
