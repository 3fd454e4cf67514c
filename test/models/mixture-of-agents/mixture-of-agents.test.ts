import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import type { FakeServer } from '../../../bench/fake-server/fake-server.ts'
import { startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import { assistant, prompt, system, user } from '../../../src/core/chat.ts'
import type { LLM, LLMSpec } from '../../../src/core/llm-spec.ts'
import { resolveModel } from '../../../src/models/llm-from-environment.ts'
import { mixtureOfAgents } from '../../../src/models/mixture-of-agents/mixture-of-agents.ts'
import type { MixtureOfAgentsLLMOptions } from '../../../src/models/mixture-of-agents/mixture-of-agents.ts'
import type { LLMDefinition } from '../../../src/models/model-definition.ts'
import { modelDefinitions } from '../../../src/models/model-definitions.ts'
import { openai } from '../../../src/models/openai/openai-llm.ts'
import { simulated } from '../../../src/models/simulated/simulated-llm.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'

const definition = modelDefinitions.get('MixtureOfAgentsLLM') as LLMDefinition
let server: FakeServer
const calls: FakeCall[] = []
const llms: LLM[] = []

beforeAll(async () => {
  server = await startFakeServer()
})
afterEach(async () => {
  for (const llm of llms.splice(0)) await llm.close?.()
  calls.length = 0
  server.set(defaultFakeOptions)
})
afterAll(() => server.close())

function model(name: string, more: object = {}): LLMSpec {
  return openai({ model: name, baseURL: `${server.url}/v1`, apiKeyEnv: null, ...more })
}

async function create(options: Partial<MixtureOfAgentsLLMOptions> = {}): Promise<LLM> {
  const spec = mixtureOfAgents({
    aggregator: model('judge'),
    proposers: [model('one'), model('two')],
    ...options,
  })
  // As a worker gets it.
  const llm = await definition.create(JSON.parse(JSON.stringify(spec)), {})
  llms.push(llm)
  return llm
}

/** Has every model answer `<model>:<how many answers it was shown>`, and notes what was asked. */
function answerByName(): void {
  server.set({
    respond: (call) => void calls.push(call),
    answer: (_, { model, body }) =>
      `${model}:${JSON.stringify(body).match(/\\n\\n\d\. /g)?.length ?? 0}`,
  })
}

function messagesTo(name: string): unknown[] {
  return calls
    .filter((call) => call.model === name)
    .map(({ body }) => (body as { messages: unknown }).messages)
}

testLLM(() => create())

test('the aggregator is shown what the proposers answered, by number, before its own system prompt', async () => {
  answerByName()
  const llm = await create()
  const answer = await llm.chat({
    messages: [system('Be brief.'), user('Hi'), assistant('Hello'), user('Why?')],
    parameters: {},
    sampleIndex: 0,
  })
  expect(answer).toMatchObject({
    choices: [{ text: 'judge:2', finishReason: 'stop' }],
    model: 'moa-judge-one-two',
  })
  const asked = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Why?' },
  ]
  expect(messagesTo('one')).toEqual([asked])
  expect(messagesTo('two')).toEqual([asked])
  expect(messagesTo('judge')).toEqual([
    [
      {
        role: 'system',
        content: expect.stringMatching(
          /^Several assistants .*\n\n1\. one:0\n\n2\. two:0\n\nBe brief\.$/s,
        ),
      },
      ...asked.slice(1),
    ],
  ])
})

test('a conversation without a system message gets one, and in each round proposers know the last', async () => {
  answerByName()
  const llm = await create({ rounds: 3 })
  const answer = await llm.chat({ messages: [user('Why?')], parameters: {}, sampleIndex: 0 })
  expect(answer.choices[0]?.text).toBe('judge:2')
  const rounds = messagesTo('one')
  expect(rounds).toHaveLength(3)
  expect(rounds[0]).toEqual([{ role: 'user', content: 'Why?' }])
  expect(rounds[2]).toEqual([
    { role: 'system', content: expect.stringContaining('1. one:2\n\n2. two:2') },
    { role: 'user', content: 'Why?' },
  ])
})

test('the tokens of all calls are added up, and told for each model', async () => {
  server.set({
    reply: {
      status: 200,
      body: {
        model: 'x',
        choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 3,
          prompt_tokens_details: { cached_tokens: 4 },
        },
      },
    },
  })
  const llm = await create({ rounds: 2 })
  const { usage, usageOfParts } = await llm.chat(request('Hello'))
  expect(usage).toEqual({ inputTokens: 50, outputTokens: 15, cachedInputTokens: 20 })
  expect(usageOfParts).toEqual([
    { inputTokens: 10, outputTokens: 3, cachedInputTokens: 4 },
    { inputTokens: 20, outputTokens: 6, cachedInputTokens: 8 },
    { inputTokens: 20, outputTokens: 6, cachedInputTokens: 8 },
  ])
})

test('a proposer that refuses a request is done without', async () => {
  server.set({
    respond: (call) => {
      calls.push(call)
      return call.model === 'one'
        ? { status: 400, body: { error: { message: 'No', code: 'content_filter' } } }
        : undefined
    },
    answer: (_, { model }) => model,
  })
  const llm = await create()
  expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ text: 'judge' }] })
  expect(JSON.stringify(messagesTo('judge'))).toContain('1. two')
})

test('where no proposer has anything to say, the request is rejected', async () => {
  server.set({ reply: { status: 400, body: { error: { message: 'No', code: 'content_filter' } } } })
  const llm = await create()
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'content-filter' })
  server.set({
    reply: null,
    answer: (_, { model }) => (model === 'judge' ? 'Hi' : ' '),
  })
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
    code: 'refusal',
    message: "None of the proposers of MixtureOfAgentsLLM 'moa-judge-one-two' had anything to say.",
  })
})

test('what stops a model stops the whole, and says which it was', async () => {
  server.set({ models: ['judge', 'one'] })
  const llm = await create()
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
    code: 'model-unknown',
    message: expect.stringContaining("OpenAILLM 'two'"),
  })
})

test('a provider that pushes back is asked again for that answer alone', async () => {
  let refusals = 0
  server.set({
    respond: (call) => {
      calls.push(call)
      if (call.model !== 'judge' || refusals++ > 0) return undefined
      return { status: 429, headers: { 'retry-after-ms': '1' }, body: {} }
    },
  })
  const llm = await create()
  await llm.chat(request('Hello'))
  expect(calls.map((call) => call.model).toSorted()).toEqual(['judge', 'judge', 'one', 'two'])
})

test('a raw prompt is refused', async () => {
  const llm = await create()
  const asked = llm.chat({ messages: [prompt('Once')], parameters: {}, sampleIndex: 0 })
  await expect(asked).rejects.toMatchObject({ code: 'request-invalid', verdict: 'reject' })
})

test('its identity is made of those of its models, without their limits and keys', () => {
  const spec = mixtureOfAgents({
    aggregator: model('judge', { generationKwargs: { maxNewTokens: 100 } }),
    proposers: [
      model('one', { limits: { maxConcurrency: 2 }, generationKwargs: { maxNewTokens: 7 } }),
    ],
    rounds: 2,
  })
  const inner = (name: string, maxNewTokens: number) => ({
    provider: `${server.url}/v1`,
    model: name,
    parameters: expect.objectContaining({ maxNewTokens }),
  })
  expect(definition.identity(spec)).toEqual({
    provider: 'mixture-of-agents',
    model: 'moa-judge-one',
    parameters: {
      maxNewTokens: 114,
      rounds: 2,
      aggregator: inner('judge', 100),
      proposers: [inner('one', 7)],
    },
  })
  expect(definition.parts?.(spec)).toMatchObject([
    { type: 'OpenAILLM', params: { model: 'judge' } },
    { type: 'OpenAILLM', params: { model: 'one' }, limits: { maxConcurrency: 2 } },
  ])
})

test('its models are checked as those of steps are', () => {
  const check = (proposer: object) => () => {
    definition.check(
      {
        type: 'MixtureOfAgentsLLM',
        params: { aggregator: { ...model('a') }, proposers: [proposer] } as never,
      },
      {},
      'ask',
    )
  }
  expect(check({ type: 'OpenAILLM', params: { model: 'm' } })).toThrow(/OPENAI_API_KEY/)
  expect(check({ type: 'OpenAILLM', params: { modle: 'm' } })).toThrow(/no parameter 'modle'/)
  expect(check({ type: 'OpenAILM', params: {} })).toThrow(
    /'OpenAILM', which is not known.*OpenAILLM/,
  )
  expect(check({ type: 'OpenAIEmbeddings', params: {} })).toThrow(/answers no conversations/)
  expect(check({ type: 'OpenAILLM', params: { model: 'm', baseURL: 'http://a:b@c' } })).toThrow(
    /holds a key/,
  )
})

test('a model of the environment within it is resolved with it', () => {
  const spec = mixtureOfAgents({
    aggregator: { type: 'LLMFromEnvironment', params: {} },
    proposers: [simulated(), { type: 'LLMFromEnvironment', params: {} }],
  })
  const { params } = resolveModel(spec, { MISTRAL_API_KEY: 'some-key' })
  expect(params).toMatchObject({
    aggregator: { type: 'MistralLLM', params: { model: 'mistral-small-latest' } },
    proposers: [{ type: 'SimulatedLLM' }, { type: 'MistralLLM' }],
  })
})

test('of simulated models it is one itself, and answers with the example', async () => {
  const llm = await create({ aggregator: simulated(), proposers: [simulated()] })
  expect(llm.isSimulated).toBe(true)
  const answer = await llm.chat(request('Hello'), { example: () => 'An example.' })
  expect(answer.choices[0]?.text).toBe('An example.')
})
