import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeCall, FakeReply, FakeWire } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { ChatAnswer, ChatRequest } from '../../../src/core/chat.ts'
import type { ErrorCode, Verdict } from '../../../src/core/errors.ts'
import type { LLM, LLMSpec } from '../../../src/core/llm-spec.ts'
import type { LLMDefinition } from '../../../src/models/model-definition.ts'
import type { LLMTimeouts } from '../../../src/models/model-params.ts'
import { request, testLLM } from './llm-conformance.ts'
import { testFaults } from './provider-faults.ts'

/** A provider with a wire format of its own, as it is tested. */
export interface NativeProvider {
  readonly definition: LLMDefinition
  readonly wire: FakeWire
  /** A whole answer that says `Hi`. */
  readonly answer: object
  /** What it replies where it has nothing. */
  readonly notFound: object
  /** Replies that are no answers, with the code and the verdict of the error that follows. */
  readonly replies: readonly (readonly [string, ErrorCode, Verdict, FakeReply])[]
  spec(options: {
    readonly model: string
    readonly baseURL: string
    readonly apiKeyEnv: string | null
    readonly timeouts?: LLMTimeouts
  }): LLMSpec
}

/** What tests of a provider use beside what all share. */
export interface NativeHarness {
  server(): FakeServer
  /** Makes a model of the fake provider, or another. */
  live(spec?: LLMSpec): Promise<LLM>
  /** What a model sends. */
  sent(spec: LLMSpec, asked?: ChatRequest): Promise<FakeCall>
  /** What a reply becomes. */
  answerTo(body: unknown): Promise<ChatAnswer>
}

const key = 'test-key-0123456789'

/** What every model behind a provider's own wire format must do with its replies and failures. */
export function testNative(provider: NativeProvider): NativeHarness {
  const { definition, wire, replies } = provider
  const started: { server?: FakeServer; llms: LLM[] } = { llms: [] }
  const server = () => {
    if (started.server === undefined) throw new Error('The fake provider has not started.')
    return started.server
  }

  beforeAll(async () => {
    started.server = await startFakeServer({ wire })
  })
  afterEach(async () => {
    await Promise.all(started.llms.splice(0).map(async (llm) => await llm.close?.()))
    server().set({ ...defaultFakeOptions, wire })
    server().resetStats()
  })
  afterAll(() => server().close())

  async function live(spec?: LLMSpec): Promise<LLM> {
    const llm = await definition.create(spec ?? specOf(server().url), { TEST_KEY: key })
    started.llms.push(llm)
    return llm
  }

  function specOf(baseURL: string, timeouts: LLMTimeouts = { callSeconds: 60 }): LLMSpec {
    return provider.spec({ model: 'small', baseURL, apiKeyEnv: 'TEST_KEY', timeouts })
  }

  async function outcome(reply: Partial<FakeReply>): Promise<unknown> {
    server().set({ reply: { status: 200, body: {}, ...reply } })
    const llm = await live()
    return llm.chat(request('Hello')).catch((error: unknown) => error)
  }

  async function sent(spec: LLMSpec, asked = request('Hello')): Promise<FakeCall> {
    const calls: FakeCall[] = []
    server().set({ respond: (call) => void calls.push(call) })
    const llm = await live(spec)
    await llm.chat(asked)
    const [call] = calls
    if (call === undefined) throw new Error('Nothing was sent.')
    return call
  }

  async function answerTo(body: unknown): Promise<ChatAnswer> {
    server().set({ reply: { status: 200, body } })
    const llm = await live()
    return llm.chat(request('Hello'))
  }

  testLLM(() => live())

  test.for([...replies, ...commonReplies])(
    '%s becomes %s: %s',
    async ([, code, verdict, reply]) => {
      const error = await outcome(reply)
      expect(error).toMatchObject({ name: 'RetortError', code, verdict })
      expect(String(error)).toContain(`${definition.type} 'small'`)
      expect(String(error)).toContain(`${server().url}${wire.path}`)
      expect(String(error)).toMatch(/[.!?]$/)
    },
  )

  test.for([429, 503])('a %i says when to come again', async (status) => {
    const headers = { 'retry-after': '2' }
    expect(await outcome({ status, headers, body: {} })).toMatchObject({ retryAfterMs: 2000 })
  })

  test('a key goes out as a bearer, and none where none is wanted', async () => {
    const own = { model: 'small', baseURL: server().url }
    const call = await sent(provider.spec({ ...own, apiKeyEnv: 'TEST_KEY' }))
    expect(call).toMatchObject({ path: wire.path, authorization: `Bearer ${key}`, model: 'small' })
    const without = await sent(provider.spec({ ...own, apiKeyEnv: null }))
    expect(without.authorization).toBeUndefined()
  })

  test.for([
    ['authentication', { apiKey: 'another' }],
    ['provider-unavailable', { echoKeyInErrors: true, errorShare: 1 }],
  ] as const)('an error of %s never holds the key', async ([code, options]) => {
    server().set(options)
    const llm = await live()
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringContaining('[key]') })
    const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`
    expect(shown).not.toContain(key)
  })

  test('a path too many in baseURL is told with the address that was called', async () => {
    const { notFound } = provider
    server().set({
      respond: ({ path }) => (path === wire.path ? undefined : { status: 404, body: notFound }),
    })
    const llm = await live(specOf(`${server().url}/api`))
    const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'endpoint-wrong', verdict: 'stop' })
    expect(String(error)).toContain(`${server().url}/api${wire.path}`)
    expect(String(error)).toContain('check that baseURL has the right path')
  })

  test('an answer of ten megabytes comes through', async () => {
    const text = 'é'.repeat(5_000_000)
    const body = JSON.stringify(provider.answer).replace('"Hi"', JSON.stringify(text))
    expect(await answerTo(JSON.parse(body))).toMatchObject({ choices: [{ text }] })
  })

  test('an answer that is not UTF-8 everywhere comes through', async () => {
    const [before = '', after = ''] = JSON.stringify(provider.answer).split('"Hi"')
    const broken = createServer((_, response) => {
      response.setHeader('content-type', 'application/json')
      for (const part of [`${before}"H`, Buffer.of(0xff), `i"${after}`]) response.write(part)
      response.end()
    })
    broken.listen(0, '127.0.0.1')
    await once(broken, 'listening')
    const { port } = broken.address() as AddressInfo
    const llm = await live(specOf(`http://127.0.0.1:${port}`))
    expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ text: 'H\ufffdi' }] })
    broken.close()
    broken.closeAllConnections()
  })

  testFaults(
    (baseURL, timeouts) => live(specOf(baseURL ?? server().url, timeouts)),
    server,
    provider.answer,
  )

  return { server, live, sent, answerTo }
}

const json = { 'content-type': 'application/json' }

/** What no provider means as an answer. */
const commonReplies: NativeProvider['replies'] = [
  [
    'a 502 with a page',
    'provider-unavailable',
    'retry',
    { status: 502, body: page('Bad Gateway') },
  ],
  [
    'cut-off JSON',
    'provider-unavailable',
    'retry',
    { status: 200, headers: json, body: '{"a": [' },
  ],
  ['an empty body', 'provider-unavailable', 'retry', { status: 200, headers: json, body: '' }],
  ['null', 'provider-unavailable', 'retry', { status: 200, headers: json, body: 'null' }],
  [
    'an error in a 200',
    'provider-unavailable',
    'retry',
    { status: 200, body: { error: { message: 'Upstream broke' } } },
  ],
  ['a redirect', 'endpoint-wrong', 'stop', { status: 308, headers: { location: '/' }, body: '' }],
  ['a page', 'endpoint-wrong', 'stop', { status: 200, body: page('Welcome') }],
]

function page(text: string): string {
  return `<!doctype html><html><h1>${text}</h1></html>`
}
