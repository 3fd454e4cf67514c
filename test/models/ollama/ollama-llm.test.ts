import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import type { FakeReply, FakeWire } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { ChatRequest } from '../../../src/core/chat.ts'
import { prompt, system, user } from '../../../src/core/chat.ts'
import type { LLM, RateLimitReport } from '../../../src/core/llm-spec.ts'
import type { OllamaOptions } from '../../../src/models/ollama/ollama-llm.ts'
import { ollama, ollamaLLM } from '../../../src/models/ollama/ollama-llm.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'
import { testFaults } from '../conformance/provider-faults.ts'
import { replies } from '../conformance/provider-replies.ts'
import { png } from '../images.ts'
import type { RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'
import { startOllama } from '../servers/ollama.ts'

const wire: FakeWire = {
  path: '/api/chat',
  body({ model, prompt }, text, isCutOff) {
    const usage = { input: Math.ceil(prompt.length / 4), output: Math.ceil(text.length / 4) }
    const reply = answer(isCutOff ? text.slice(0, 5) : text, {
      model,
      done_reason: isCutOff ? 'length' : 'stop',
      prompt_eval_count: usage.input,
      eval_count: usage.output,
    })
    return { body: JSON.stringify(reply), usage }
  },
}

let server: FakeServer
let speaking: RouteServer
const llms: LLM[] = []

beforeAll(async () => {
  server = await startFakeServer()
  speaking = await startOllama()
})
beforeEach(() => server.set({ wire }))
afterEach(async () => {
  for (const llm of llms.splice(0)) await llm.close?.()
  server.set(defaultFakeOptions)
  server.resetStats()
})
afterAll(async () => {
  await server.close()
  await speaking.close()
})

async function create(options: Partial<OllamaOptions> = {}, environment = {}): Promise<LLM> {
  const spec = ollama({ model: 'small', host: server.url, ...options })
  const llm = await ollamaLLM.create(spec, environment)
  llms.push(llm)
  return llm
}

function answer(content: string, more: object = {}): object {
  return {
    model: 'small',
    message: { role: 'assistant', content },
    done: true,
    done_reason: 'stop',
    ...more,
  }
}

/** What comes of a reply of the server's: an answer, or what is thrown. */
async function outcome(reply: Partial<FakeReply>, options?: Partial<OllamaOptions>) {
  server.set({ reply: { status: 200, body: {}, ...reply } })
  const llm = await create(options)
  return await llm.chat(request('Hello')).then(
    (answer) => answer,
    (error: unknown) => error,
  )
}

/** What is sent for a request. */
async function sent(options: Partial<OllamaOptions>, asked: ChatRequest = request('Hello')) {
  const before = speaking.calls.length
  const llm = await create({ host: speaking.url, ...options }, { KEY: 'some-key-123' })
  await llm.chat(asked)
  const [call] = speaking.calls.slice(before)
  if (call === undefined) throw new Error('Nothing was sent.')
  return call
}

testLLM(() => create())

testFaults(
  (baseURL, timeouts = { callSeconds: 60 }) =>
    create({ ...(baseURL === undefined ? {} : { host: baseURL.replace('/v1', '') }), timeouts }),
  () => server,
  answer('Hi'),
)

const ofAnyStatus = replies.filter(
  ([what, , , { status }]) => status !== 200 || what === 'a page' || what === 'cut-off JSON',
)
test.for(ofAnyStatus)('%s becomes %s: %s', async ([, code, verdict, reply]) => {
  const error = await outcome(reply)
  expect(error).toMatchObject({ name: 'RetortError', code, verdict })
  expect(String(error)).toContain("OllamaLLM 'small'")
  expect(String(error)).toContain(`${server.url}/api/chat`)
  expect(String(error)).toMatch(/[.!?]$/)
})

test('a model that was not pulled stops the run and says how to pull it', async () => {
  const body = { error: "model 'small' not found, try pulling it first" }
  const error = await outcome({ status: 404, body })
  expect(error).toMatchObject({ code: 'model-unknown', verdict: 'stop' })
  expect(String(error)).toMatch(/not found.*; run 'ollama pull small' where it runs\.$/)
})

test('an error in a 200 is one, and a server that is busy is asked again', async () => {
  expect(await outcome({ body: { error: 'unexpected EOF' } })).toMatchObject({
    code: 'provider-unavailable',
  })
  expect(
    await outcome({ status: 503, body: { error: 'server busy, please try again' } }),
  ).toMatchObject({ code: 'provider-unavailable', verdict: 'retry' })
})

test('a host with a path too many stops the run with the address that was called', async () => {
  const llm = await create({ host: `${speaking.url}/v1` })
  const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'endpoint-wrong', verdict: 'stop' })
  expect(String(error)).toContain(`${speaking.url}/v1/api/chat`)
  expect(String(error)).toContain('check that host is the address of an Ollama')
})

test('a reply without a message is no answer', async () => {
  expect(await outcome({ body: { model: 'small', done: true } })).toMatchObject({
    code: 'request-invalid',
    verdict: 'reject',
  })
})

test('an answer tells its tokens, why it ended, and what was thought before it', async () => {
  const message = { role: 'assistant', content: 'Hi', thinking: 'They greet.' }
  const counts = { done_reason: 'length', prompt_eval_count: 12, eval_count: 34 }
  expect(await outcome({ body: answer('', { message, ...counts }) })).toEqual({
    choices: [{ text: 'Hi', finishReason: 'length', reasoning: 'They greet.' }],
    usage: { inputTokens: 12, outputTokens: 34 },
    model: 'small',
  })
  expect(await outcome({ body: answer('<think>\nHm.\n</think>\n\nHi') })).toMatchObject({
    choices: [{ text: 'Hi', reasoning: 'Hm.' }],
    usage: { inputTokens: 0, outputTokens: 0 },
  })
})

test('an answer of an old version that is done has stopped, and one that is not is unknown', async () => {
  const { done_reason: _, ...old } = answer('Hi') as { done_reason: string }
  expect(await outcome({ body: old })).toMatchObject({ choices: [{ finishReason: 'stop' }] })
  const loaded = answer('', { done_reason: 'load' })
  expect(await outcome({ body: loaded })).toMatchObject({
    choices: [{ text: '', finishReason: 'unknown' }],
  })
})

test('a call of a tool in the place of a text has no text', async () => {
  const message = { role: 'assistant', content: null, tool_calls: [{ function: { name: 'x' } }] }
  expect(await outcome({ body: answer('', { message }) })).toMatchObject({
    choices: [{ text: null, finishReason: 'tool-calls' }],
  })
})

test('log-probabilities of tokens are told where they were asked for', async () => {
  const logprobs = [
    { token: 'Hi', logprob: -0.1, top_logprobs: [{ token: 'Hi', logprob: -0.1 }] },
    { token: '!', logprob: -2, bytes: [33] },
  ]
  const told = await outcome(
    { body: answer('Hi!', { logprobs }) },
    { generationKwargs: { logprobs: true, topLogprobs: 1 } },
  )
  expect(told).toMatchObject({
    choices: [
      {
        logprobs: [
          { token: 'Hi', logprob: -0.1, top: [{ token: 'Hi', logprob: -0.1 }] },
          { token: '!', logprob: -2 },
        ],
      },
    ],
  })
})

test('an answer of ten megabytes, and one that is not UTF-8 everywhere, come through', async () => {
  const text = `${'é'.repeat(5_000_000)}\ufffd`
  expect(await outcome({ body: answer(text) })).toMatchObject({ choices: [{ text }] })
})

test('every parameter goes out under its name on the wire', async () => {
  const { path, body, headers } = await sent(
    {
      options: { numCtx: 8192, f16Kv: true, tfsZ: 1, topK: 9, temperature: 1, numPredict: 5 },
      generationKwargs: {
        temperature: 0.5,
        topP: 0.9,
        maxNewTokens: 7,
        stop: 'END',
        seed: 3,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        logprobs: true,
        topLogprobs: 2,
      },
      keepAlive: '10m',
      think: 'high',
    },
    request('Hello', { temperature: 0.6 }),
  )
  expect(path).toBe('/api/chat')
  expect(headers).not.toHaveProperty('authorization')
  expect(body).toEqual({
    model: 'small',
    messages: request('Hello').messages,
    stream: false,
    options: {
      num_ctx: 8192,
      f16_kv: true,
      tfs_z: 1,
      top_k: 9,
      temperature: 0.6,
      top_p: 0.9,
      num_predict: 7,
      stop: ['END'],
      seed: 3,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
    },
    think: 'high',
    keep_alive: '10m',
    logprobs: true,
    top_logprobs: 2,
  })
})

test('the longest answer is bounded also where nobody says how', async () => {
  expect((await sent({})).body['options']).toEqual({ num_predict: 2048 })
  expect((await sent({ think: true })).body['options']).toEqual({ num_predict: 8192 })
  expect((await sent({ options: { numPredict: 5 } })).body['options']).toEqual({ num_predict: 5 })
})

test('each of several answers to the same conversation is drawn with a seed of its own', async () => {
  const third = { ...request('Hello'), sampleIndex: 2 }
  expect((await sent({ options: { seed: 5 } }, third)).body['options']).toMatchObject({ seed: 7 })
  expect((await sent({}, third)).body['options']).not.toHaveProperty('seed')
})

test('a key is sent where there is a variable for one', async () => {
  const { headers } = await sent({ apiKeyEnv: 'KEY' })
  expect(headers['authorization']).toBe('Bearer some-key-123')
})

test('a raw prompt is continued as it stands', async () => {
  const asked = { messages: [prompt('<s>Once')], parameters: {}, sampleIndex: 0 }
  const { path, body } = await sent({}, asked)
  expect(path).toBe('/api/generate')
  expect(body).toMatchObject({ prompt: '<s>Once', raw: true, stream: false })
  expect(body).not.toHaveProperty('messages')
  const llm = await create({ host: speaking.url })
  expect(await llm.chat(asked)).toMatchObject({
    choices: [{ text: expect.stringContaining('Answer'), finishReason: 'stop' }],
    usage: { inputTokens: 7, outputTokens: 5 },
  })
})

const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }

test('an answer of a form is held to it by Ollama and told of it in words', async () => {
  const asked = { ...request('Hello'), format: { format: 'json', schema } as const }
  const { body } = await sent({ format: 'json' }, asked)
  expect(body['format']).toEqual(schema)
  expect(JSON.stringify(body['messages'])).toContain('JSON Schema')
  const inWords = await sent({ structuredMode: 'instructions' }, asked)
  expect(inWords.body).not.toHaveProperty('format')
  expect(JSON.stringify(inWords.body['messages'])).toContain('JSON Schema')
  const pattern = await sent({}, { ...asked, format: { format: 'regex', pattern: 'ab+' } })
  expect(pattern.body).not.toHaveProperty('format')
  expect(JSON.stringify(pattern.body['messages'])).toContain('ab+')
  expect((await sent({ format: 'json' })).body['format']).toBe('json')
})

test('images go as base64, those of the web after they were loaded', async () => {
  const web = await startRouteServer(({ path }) => {
    if (path === '/moved') return { status: 302, headers: { location: '/image.png' }, body: '' }
    return path === '/image.png' ? { body: png } : { status: 404, body: 'none' }
  })
  const base64 = png.toString('base64')
  const look = (url: string): ChatRequest => ({
    messages: [
      system('Look.'),
      user([
        { type: 'text', text: 'What?' },
        { type: 'image', url },
      ]),
    ],
    parameters: {},
    sampleIndex: 0,
  })
  for (const url of [`data:image/png;base64,${base64}`, `${web.url}/image.png`, `${web.url}/moved`])
    expect((await sent({}, look(url))).body['messages']).toEqual([
      { role: 'system', content: 'Look.' },
      { role: 'user', content: 'What?', images: [base64] },
    ])
  expect(web.calls.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
  const error = await sent({}, look(`${web.url}/gone.png`)).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'input-invalid', verdict: 'reject' })
  expect(String(error)).toContain(`'${web.url}/gone.png' was answered with 404.`)
  await web.close()
})

test('replies tell what is left of limits', async () => {
  const told: RateLimitReport[] = []
  server.set({ requestsPerMinute: 6, rateLimitHeaders: true })
  const llm = await create()
  await llm.chat(request('Hello'), { onRateLimit: (report) => void told.push(report) })
  expect(told).toMatchObject([{ requests: { limit: 6, remaining: 5 } }])
})

test('an error never holds the key, also where the server echoes it', async () => {
  server.set({ apiKey: 'another', echoKeyInErrors: true })
  const llm = await create({ apiKeyEnv: 'KEY' }, { KEY: 'test-key-0123456789' })
  const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'authentication' })
  expect(String(error)).toContain('check the key in KEY')
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('test-key-0123456789')
})

test('what decides answers is its identity, and where it runs is not', () => {
  const spec = ollama({
    model: 'qwen3:8b',
    options: { numCtx: 8192, numGpu: 20, numThread: 4 },
    keepAlive: -1,
    think: true,
    timeouts: { callSeconds: 5 },
    limits: { maxConcurrency: 1 },
  })
  expect(ollamaLLM.identity(spec)).toEqual({
    provider: 'http://127.0.0.1:11434',
    model: 'qwen3:8b',
    parameters: { maxNewTokens: 8192, options: { numCtx: 8192 }, think: true },
  })
  expect(ollamaLLM.limitGroup(spec)).toBe('http://127.0.0.1:11434 qwen3:8b')
})

test.for([
  ['127.0.0.1', 'http://127.0.0.1:11434'],
  ['gpu.lan:8080/', 'http://gpu.lan:8080'],
  ['https://ollama.com', 'https://ollama.com'],
])('the host %s is %s', ([host, provider]) => {
  expect(ollamaLLM.identity(ollama({ model: 'm', host })).provider).toBe(provider)
})

test('an option that is none is refused with the nearest name', () => {
  const spec = { type: 'OllamaLLM', params: { model: 'm', options: { num_ctx: 3 } } }
  expect(() => ollamaLLM.identity(spec)).toThrow(/no parameter 'options.num_ctx'.*numCtx/)
})

test('another fake of Ollama understands it', async () => {
  const mock = new LLMock({ port: 0 })
  mock.onMessage('Hello', { content: 'Hi there' })
  mock.onMessage('<s>Once', { content: ' upon a time' })
  const host = await mock.start()
  const llm = await create({ host })
  expect(await llm.chat(request('Hello'))).toMatchObject({
    choices: [{ text: 'Hi there', finishReason: 'stop' }],
    model: 'small',
  })
  expect(
    await llm.chat({ messages: [prompt('<s>Once')], parameters: {}, sampleIndex: 0 }),
  ).toMatchObject({ choices: [{ text: ' upon a time' }] })
  await mock.stop()
})
