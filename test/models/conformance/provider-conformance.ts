import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeCall, FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { LLM, LLMSpec, RateLimitReport } from '../../../src/core/llm-spec.ts'
import type { LLMDefinition } from '../../../src/models/model-definition.ts'
import type { LLMTimeouts } from '../../../src/models/model-params.ts'
import { request, testLLM } from './llm-conformance.ts'
import { testFaults } from './provider-faults.ts'
import { replies } from './provider-replies.ts'

/** How a provider's factory is called here. */
export interface ProviderFactory {
  readonly definition: LLMDefinition
  /** Where its conversations go; `/v1/chat/completions` by default. */
  readonly path?: string
  /** The header of its key, where that stands alone. */
  readonly keyHeader?: string
  /** The member that holds the longest answer; `max_tokens` by default. */
  readonly tokensMember?: string
  spec(options: {
    readonly model: string
    readonly baseURL: string
    readonly apiKeyEnv: string
    readonly timeouts?: LLMTimeouts
  }): LLMSpec
}

const key = 'test-key-0123456789'

/** What every model behind a provider's HTTP API must do with its replies and failures. */
export function testProvider(factory: ProviderFactory): { server(): FakeServer } {
  const { definition, spec, path = '/v1/chat/completions', keyHeader, tokensMember } = factory
  const started: { server?: FakeServer; llms: LLM[] } = { llms: [] }
  const server = () => {
    if (started.server === undefined) throw new Error('The fake provider has not started.')
    return started.server
  }

  beforeAll(async () => {
    started.server = await startFakeServer()
  })
  afterEach(async () => {
    await Promise.all(started.llms.splice(0).map(async (llm) => await llm.close?.()))
    server().set(defaultFakeOptions)
    server().resetStats()
  })
  afterAll(() => server().close())

  async function create(
    baseURL = `${server().url}/v1`,
    timeouts: LLMTimeouts = { callSeconds: 60 },
  ): Promise<LLM> {
    const llm = await definition.create(
      spec({ model: 'small', baseURL, apiKeyEnv: 'TEST_KEY', timeouts }),
      { TEST_KEY: key },
    )
    started.llms.push(llm)
    return llm
  }

  async function failure(reply: Partial<FakeReply>): Promise<unknown> {
    server().set({ reply: { status: 200, body: {}, ...reply } })
    const llm = await create()
    return llm.chat(request('Hello')).then(
      (answer) => answer,
      (error: unknown) => error,
    )
  }

  testLLM(() => create())

  test('a model sends its key, its name, the conversation and the longest answer', async () => {
    const calls: FakeCall[] = []
    server().set({ respond: (call) => void calls.push(call) })
    const llm = await create()
    await llm.chat(request('Hello'))
    expect(calls[0]).toMatchObject({
      path,
      headers: keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key },
      body: {
        model: 'small',
        [tokensMember ?? 'max_tokens']: 2048,
        messages: [
          { role: 'system', content: 'You answer briefly.' },
          { role: 'user', content: 'Hello' },
        ],
      },
    })
  })

  test.for(replies)('%s becomes %s: %s', async ([, code, verdict, reply]) => {
    const error = await failure(reply)
    expect(error).toMatchObject({ name: 'RetortError', code, verdict })
    expect(error).toHaveProperty('retryAfterMs', undefined)
    expect(String(error)).toContain(`${definition.type} 'small'`)
    expect(String(error)).toContain(`${server().url}${path}`)
    expect(String(error)).toMatch(/[.!?]$/)
  })

  test.for([429, 503, 529])('a %i says when to come again', async (status) => {
    const headers = { 'retry-after': '0.5' }
    expect(await failure({ status, headers, body: {} })).toMatchObject({ retryAfterMs: 500 })
    const exact = { ...headers, 'retry-after-ms': '250' }
    expect(await failure({ status, headers: exact, body: {} })).toMatchObject({ retryAfterMs: 250 })
  })

  test('a 429 says when to come again as a date', async () => {
    const date = new Date(Date.now() + 1_800_000).toUTCString()
    const error = await failure({ status: 429, headers: { 'retry-after': date }, body: {} })
    const { retryAfterMs } = error as { retryAfterMs: number }
    expect(retryAfterMs).toBeGreaterThan(1_700_000)
    expect(retryAfterMs).toBeLessThanOrEqual(1_800_000)
  })

  test.for([
    ['authentication', { apiKey: 'another' }],
    ['provider-unavailable', { echoKeyInErrors: true, errorShare: 1 }],
    ['quota', { echoKeyInErrors: true, quotaAnswers: 0 }],
  ] as const)(
    'an error of %s never holds the key, also where the provider echoes it',
    async ([code, options]) => {
      server().set(options)
      const llm = await create()
      const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
      expect(error).toMatchObject({ code, message: expect.stringContaining('[key]') })
      const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`
      expect(shown).not.toContain(key)
    },
  )

  test('an error of a key names its variable', async () => {
    const error = await failure({ status: 401, body: {} })
    expect(String(error)).toContain('check the key in TEST_KEY')
  })

  test('replies tell what is left of limits, whether they are good or bad', async () => {
    const told: RateLimitReport[] = []
    const llm = await create()
    const ask = () =>
      llm
        .chat(request('Hello'), { onRateLimit: (report) => void told.push(report) })
        .catch(() => undefined)
    await ask()
    expect(told).toEqual([])
    server().set({ requestsPerMinute: 6, rateLimitHeaders: true })
    await ask()
    await ask()
    expect(server().stats().statuses).toMatchObject({ 429: 1 })
    const requests = { limit: 6, remaining: 5, resetMs: expect.closeTo(10_000, -4) }
    const report = { requests, tokens: undefined }
    expect(told).toEqual([report, report])
  })

  test('a reply without usage counts as nothing used', async () => {
    const answer = await failure({
      body: {
        id: '1',
        object: 'chat.completion',
        model: 'small-2',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' },
        ],
      },
    })
    expect(answer).toEqual({
      choices: [{ text: 'Hi', finishReason: 'stop' }],
      usage: { inputTokens: 0, outputTokens: 0 },
      model: 'small-2',
    })
  })

  const endings = [
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['max_tokens', 'length'],
    ['model_length', 'length'],
    ['refusal', 'refusal'],
    ['something else', 'unknown'],
  ] as const
  test.for(endings)('finish reason %s becomes %s', async ([wire, finishReason]) => {
    const answer = await failure({
      body: {
        model: 'small',
        choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: wire }],
      },
    })
    expect(answer).toMatchObject({ choices: [{ text: 'Hi', finishReason }] })
  })

  test('a call without any content has no text', async () => {
    const message = { role: 'assistant', content: null, tool_calls: [] }
    const answer = await failure({
      body: { model: 'small', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] },
    })
    expect(answer).toMatchObject({ choices: [{ text: null, finishReason: 'tool-calls' }] })
  })

  test('an answer of ten megabytes, and one that is not UTF-8 everywhere, come through', async () => {
    const text = `${'é'.repeat(5_000_000)}\ufffd`
    const message = { role: 'assistant', content: text }
    const answer = await failure({
      body: { model: 'small', choices: [{ index: 0, message, finish_reason: 'stop' }] },
    })
    expect(answer).toMatchObject({ choices: [{ text }] })
  })

  testFaults(create, server)

  return { server }
}
