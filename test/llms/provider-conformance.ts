import { createServer } from 'node:net'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeCall, FakeReply } from '../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { LLM, LLMSpec } from '../../src/core/llm-spec.ts'
import type { LLMDefinition } from '../../src/llms/llm-definition.ts'
import { request, testLLM } from './llm-conformance.ts'

/** How a provider's factory is called here. */
export interface ProviderFactory {
  readonly definition: LLMDefinition
  spec(options: {
    readonly model: string
    readonly baseURL: string
    readonly apiKeyEnv: string
    readonly timeouts?: { readonly connectSeconds?: number; readonly callSeconds?: number }
  }): LLMSpec
}

const key = 'test-key-0123456789'

/** What every model behind a provider's HTTP API must do with its replies and failures. */
export function testProvider({ definition, spec }: ProviderFactory): { server(): FakeServer } {
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
  })
  afterAll(() => server().close())

  async function create(baseURL = `${server().url}/v1`, callSeconds = 60): Promise<LLM> {
    const llm = await definition.create(
      spec({ model: 'small', baseURL, apiKeyEnv: 'TEST_KEY', timeouts: { callSeconds } }),
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
      path: '/v1/chat/completions',
      authorization: `Bearer ${key}`,
      body: {
        model: 'small',
        max_tokens: 2048,
        messages: [
          { role: 'system', content: 'You answer briefly.' },
          { role: 'user', content: 'Hello' },
        ],
      },
    })
  })

  const codes: readonly (readonly [string, ErrorCode, FakeReply])[] = [
    ['a 429', 'rate-limited', { status: 429, body: { error: { message: 'Slow down' } } }],
    [
      'a 429 of an empty account',
      'quota',
      { status: 429, body: { error: { message: 'No money', code: 'insufficient_quota' } } },
    ],
    ['a 401', 'authentication', { status: 401, body: { error: { message: 'Who?' } } }],
    ['a 403', 'authentication', { status: 403, body: { message: 'Not you' } }],
    [
      'a 404 of a model',
      'model-unknown',
      { status: 404, body: { error: { message: 'The model `x` does not exist' } } },
    ],
    ['a 404 of a path', 'endpoint-wrong', { status: 404, body: { detail: 'Not Found' } }],
    ['a 405', 'endpoint-wrong', { status: 405, body: '<html>Method not allowed</html>' }],
    ['a redirect', 'endpoint-wrong', { status: 308, headers: { location: '/v2' }, body: '' }],
    ['a 400', 'request-invalid', { status: 400, body: { error: { message: 'Bad stop' } } }],
    [
      'a 422',
      'request-invalid',
      { status: 422, body: { detail: [{ loc: [], msg: 'no', type: 'x' }] } },
    ],
    [
      'a 400 of a long prompt',
      'context-length',
      { status: 400, body: { error: { message: 'Long', code: 'context_length_exceeded' } } },
    ],
    [
      'a 400 of the filter',
      'content-filter',
      { status: 400, body: { error: { message: 'No', code: 'content_filter' } } },
    ],
    ['a 408', 'provider-unavailable', { status: 408, body: {} }],
    ['a 409', 'provider-unavailable', { status: 409, body: {} }],
    ['a 500', 'provider-unavailable', { status: 500, body: { error: { message: 'Oops' } } }],
    [
      'a 502 page',
      'provider-unavailable',
      { status: 502, body: '<html><h1>Bad Gateway</h1></html>' },
    ],
    ['a 529', 'provider-unavailable', { status: 529, body: {} }],
    ['a page', 'endpoint-wrong', { status: 200, body: '<!doctype html><html>Welcome</html>' }],
    [
      'cut-off JSON',
      'provider-unavailable',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"choices": [' },
    ],
    [
      'an empty body',
      'provider-unavailable',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '' },
    ],
    ['no choices', 'request-invalid', { status: 200, body: { model: 'small', choices: [] } }],
    [
      'an error in a 200',
      'provider-unavailable',
      { status: 200, body: { error: { message: 'Upstream broke' } } },
    ],
    [
      'a 429 in a 200',
      'rate-limited',
      { status: 200, body: { error: { message: 'Slow down', code: 429 } } },
    ],
  ]
  test.for(codes)('%s becomes %s', async ([, code, reply]) => {
    const error = await failure(reply)
    expect(error).toMatchObject({ name: 'RetortError', code })
    expect(String(error)).toContain(`${definition.type} 'small'`)
    expect(String(error)).toContain(`${server().url}/v1/chat/completions`)
  })

  const waits: readonly (readonly [string, Record<string, string>, number])[] = [
    ['seconds', { 'retry-after': '7' }, 7000],
    ['parts of seconds', { 'retry-after': '0.5' }, 500],
    ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  ]
  test.for(waits)('a 429 says when to come again in %s', async ([, headers, retryAfterMs]) => {
    const error = await failure({ status: 429, headers, body: { error: { message: 'Slow down' } } })
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs })
  })

  test('a 429 says when to come again as a date', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const error = await failure({ status: 429, headers: { 'retry-after': date }, body: {} })
    const { retryAfterMs } = error as { retryAfterMs: number }
    expect(retryAfterMs).toBeGreaterThan(3_500_000)
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000)
  })

  test('an error never holds the key, also where the provider echoes it', async () => {
    server().set({ apiKey: 'another' })
    const llm = await create()
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'authentication' })
    const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`
    expect(shown).toContain('TEST_KEY')
    expect(shown).not.toContain(key)
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

  test('a call that takes too long is a timeout', async () => {
    server().set({ hangShare: 1 })
    const llm = await create(undefined, 0.05)
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'timeout' })
  })

  test('a signal ends a call that hangs, with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    server().set({ hangShare: 1, respond: () => void setImmediate(() => controller.abort(reason)) })
    const llm = await create()
    await expect(llm.chat(request('Hello'), { signal: controller.signal })).rejects.toBe(reason)
  })

  test('a connection that is reset is lost', async () => {
    server().set({ resetShare: 1 })
    const llm = await create()
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'connection-lost' })
  })

  test('an endpoint that refuses connections is lost, with its address and the reason', async () => {
    const llm = await create(`http://127.0.0.1:${await freePort()}/v1`)
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'connection-lost', data: { reason: 'ECONNREFUSED' } })
    expect(String(error)).toContain('nothing listens there')
  })

  test('a host that does not exist is lost', async () => {
    const llm = await create('http://nowhere.invalid/v1')
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
      code: 'connection-lost',
      data: { reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
    })
  })

  test('a server that stops in the middle of its answer is lost', async () => {
    const halfway = createServer((socket) => {
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
        ),
      )
    })
    const port = await listen(halfway)
    const llm = await create(`http://127.0.0.1:${port}/v1`)
    await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'connection-lost' })
    halfway.close()
  })

  return { server }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('No port.'))
      else resolve(address.port)
    })
  })
}
