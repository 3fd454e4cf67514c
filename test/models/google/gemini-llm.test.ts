import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import { type ChatRequest, assistant, system, user } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { type GeminiOptions, gemini, geminiLLM } from '../../../src/models/google/gemini-llm.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'
import { testFaults } from '../conformance/provider-faults.ts'

import { geminiReply } from '../../servers/google/google-reply.ts'
import { geminiWire } from './gemini-wire.ts'

const key = 'test-key-0123456789'
const llms: LLM[] = []
let server: FakeServer

beforeAll(async () => {
  server = await startFakeServer()
})
beforeEach(() => server.set({ wire: geminiWire }))
afterEach(async () => {
  await Promise.all(llms.splice(0).map(async (llm) => await llm.close?.()))
  server.set(defaultFakeOptions)
  server.resetStats()
})
afterAll(() => server.close())

async function create(options: Partial<GeminiOptions> = {}): Promise<LLM> {
  const spec = gemini({
    model: 'gemini-2.0-flash',
    baseURL: server.url,
    apiKeyEnv: 'TEST_KEY',
    timeouts: { callSeconds: 60 },
    ...options,
  })
  const llm = await geminiLLM.create(spec, { TEST_KEY: key })
  llms.push(llm)
  return llm
}

/** What goes out for a request. */
async function sent(
  asked: ChatRequest,
  options: Partial<GeminiOptions> = {},
): Promise<FakeCall & { readonly body: object }> {
  const calls: FakeCall[] = []
  server.set({ respond: (call) => void calls.push(call) })
  const llm = await create(options)
  await llm.chat(asked)
  const [call] = calls
  if (call === undefined || calls.length !== 1) throw new Error(`${calls.length} calls went out.`)
  return call as FakeCall & { readonly body: object }
}

async function answerTo(body: unknown): Promise<unknown> {
  server.set({ reply: { status: 200, body } })
  const llm = await create()
  return llm.chat(request('Hello')).catch((error: unknown) => error)
}

testLLM(() => create())
testFaults(
  (baseURL, timeouts) =>
    create({ ...(baseURL === undefined ? {} : { baseURL }), ...(timeouts && { timeouts }) }),
  () => server,
  geminiReply({ contents: [] }),
)

test('what a system says stands apart, and an assistant is the model', async () => {
  const { path, body } = await sent({
    messages: [system('Be brief.'), user('Hi'), assistant('Hello.'), user('And?')],
    parameters: {},
    sampleIndex: 0,
  })
  expect(path).toBe('/v1beta/models/gemini-2.0-flash:generateContent')
  expect(body).toEqual({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [{ text: 'Hello.' }] },
      { role: 'user', parts: [{ text: 'And?' }] },
    ],
    generationConfig: { maxOutputTokens: 2048 },
  })
})

test('a conversation of a system alone is asked by the user', async () => {
  const { body } = await sent({ messages: [system('Say hi.')], parameters: {}, sampleIndex: 0 })
  expect(body).toMatchObject({ contents: [{ role: 'user', parts: [{ text: 'Say hi.' }] }] })
  expect(body).not.toHaveProperty('systemInstruction')
})

test('every parameter of generation goes out under its name on the wire', async () => {
  const { body } = await sent(request('Hello', { temperature: 0.6 }), {
    generationKwargs: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxNewTokens: 7,
      stop: 'END',
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      topLogprobs: 2,
      thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      extraBody: { cachedContent: 'cachedContents/1', generationConfig: { mediaResolution: 'X' } },
    },
  })
  expect(body).toMatchObject({
    cachedContent: 'cachedContents/1',
    generationConfig: {
      temperature: 0.6,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 7,
      stopSequences: ['END'],
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      responseLogprobs: true,
      logprobs: 2,
      thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
      mediaResolution: 'X',
    },
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  })
})

test.for([
  ['data:image/png;base64,iVBORw0K', { inlineData: { mimeType: 'image/png', data: 'iVBORw0K' } }],
  [
    'https://a.example/b.PNG?c=d',
    { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b.PNG?c=d' } },
  ],
  ['https://a.example/b', { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/b' } }],
  ['gs://bucket/c.webp', { fileData: { mimeType: 'image/webp', fileUri: 'gs://bucket/c.webp' } }],
] as const)('the image %s goes out as Google takes it', async ([url, part]) => {
  const { body } = await sent({
    messages: [
      user([
        { type: 'text', text: 'What is it?' },
        { type: 'image', url },
      ]),
    ],
    parameters: {},
    sampleIndex: 0,
  })
  expect(body).toMatchObject({ contents: [{ parts: [{ text: 'What is it?' }, part] }] })
})

test('an image that Google could not read rejects its row, before anything is asked', async () => {
  const llm = await create()
  const messages = [user([{ type: 'image', url: 'file:///missing.png' }])]
  const error = await llm
    .chat({ messages, parameters: {}, sampleIndex: 0 })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'input-invalid', verdict: 'reject' })
  expect(server.stats().requests).toBe(0)
})

const schema = { type: 'object', properties: { answer: { type: 'string' } } } as const

test('a schema goes to Google as it is, or in words, and a regular expression in words', async () => {
  const asked = { ...request('Hello'), format: { format: 'json', schema } } as const
  expect((await sent(asked)).body).toMatchObject({
    generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema },
    systemInstruction: { parts: [{ text: 'You answer briefly.' }] },
  })
  const worded = (await sent(asked, { structuredMode: 'instructions' })).body
  expect(worded).not.toHaveProperty('generationConfig.responseMimeType')
  expect(JSON.stringify(worded)).toContain('JSON Schema')
  const pattern = { ...request('Hello'), format: { format: 'regex', pattern: '[ab]+' } } as const
  expect(JSON.stringify((await sent(pattern)).body)).toContain('[ab]+')
})

test('several answers come from one call of a model that gives them', async () => {
  const llm = await create()
  expect(llm.mostChoices).toBe(8)
  const { choices } = await llm.chat({ ...request('Hello'), choices: 3 })
  expect(new Set(choices.map(({ text }) => text)).size).toBe(3)
  expect((await create({ model: 'gemini-3-flash-preview' })).mostChoices).toBe(1)
  expect((await create({ model: 'gemini-2.5-pro' })).mostChoices).toBe(8)
})

test('thoughts are kept apart, and their tokens are counted as answered', async () => {
  const answer = await answerTo({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'First I ', thought: true },
            { text: 'think.', thought: true },
            { text: '4', thoughtSignature: 'abc' },
            { text: '2' },
          ],
        },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 2,
      thoughtsTokenCount: 30,
    },
    modelVersion: 'gemini-2.5-flash-001',
  })
  expect(answer).toEqual({
    choices: [{ text: '42', finishReason: 'stop', reasoning: 'First I think.' }],
    usage: { inputTokens: 105, outputTokens: 32, cachedInputTokens: 60, reasoningTokens: 30 },
    model: 'gemini-2.5-flash-001',
  })
})

test('log-probabilities come along', async () => {
  const answer = await answerTo({
    candidates: [
      {
        content: { parts: [{ text: 'Hi' }] },
        finishReason: 'STOP',
        logprobsResult: {
          chosenCandidates: [{ token: 'Hi', tokenId: 1, logProbability: -0.1 }],
          topCandidates: [
            {
              candidates: [
                { token: 'Hi', logProbability: -0.1 },
                { token: 'Yo', logProbability: -2 },
              ],
            },
          ],
        },
      },
    ],
  })
  const top = [
    { token: 'Hi', logprob: -0.1 },
    { token: 'Yo', logprob: -2 },
  ]
  expect(answer).toMatchObject({ choices: [{ logprobs: [{ token: 'Hi', logprob: -0.1, top }] }] })
})

test.for([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'unknown'],
  ['OTHER', 'unknown'],
  [undefined, 'unknown'],
] as const)('finish reason %s becomes %s', async ([wire, finishReason]) => {
  const candidate = { content: { parts: [{ text: 'Hi' }] }, finishReason: wire }
  const answer = await answerTo({ candidates: [candidate] })
  expect(answer).toEqual({
    choices: [{ text: 'Hi', finishReason }],
    usage: { inputTokens: 0, outputTokens: 0 },
    model: 'gemini-2.0-flash',
  })
})

test('an answer that thoughts used up has no text', async () => {
  const candidate = { content: { role: 'model' }, finishReason: 'MAX_TOKENS' }
  const usageMetadata = { promptTokenCount: 4, thoughtsTokenCount: 2047 }
  expect(await answerTo({ candidates: [candidate], usageMetadata })).toMatchObject({
    choices: [{ text: null, finishReason: 'length' }],
    usage: { outputTokens: 2047, reasoningTokens: 2047 },
  })
})

test('a call of a tool has no text', async () => {
  const content = { parts: [{ functionCall: { name: 'f', args: {} } }] }
  const answer = await answerTo({ candidates: [{ content, finishReason: 'STOP' }] })
  expect(answer).toMatchObject({ choices: [{ text: null, finishReason: 'tool-calls' }] })
})

test('a prompt that the filter holds back is an answer without a text', async () => {
  const answer = await answerTo({
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    usageMetadata: { promptTokenCount: 9 },
  })
  expect(answer).toMatchObject({
    choices: [{ text: null, finishReason: 'content-filter' }],
    usage: { inputTokens: 9, outputTokens: 0 },
  })
})

test('an answer of ten megabytes, and one that is not UTF-8 everywhere, come through', async () => {
  const text = `${'é'.repeat(5_000_000)}\ufffd`
  const candidate = { content: { parts: [{ text }] }, finishReason: 'STOP' }
  expect(await answerTo({ candidates: [candidate] })).toMatchObject({ choices: [{ text }] })
})

test('the key goes into a header and nowhere else, and none where none is wanted', async () => {
  const seen: { url: string | undefined; key: unknown }[] = []
  const listener = createServer((asked, reply) => {
    seen.push({ url: asked.url, key: asked.headers['x-goog-api-key'] })
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify(geminiReply({ contents: [] })))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const baseURL = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/gateway/v1alpha/`
  await (await create({ baseURL })).chat(request('Hello'))
  await (await create({ baseURL, apiKeyEnv: null })).chat(request('Hello'))
  const url = '/gateway/v1alpha/models/gemini-2.0-flash:generateContent'
  expect(seen).toEqual([
    { url, key },
    { url, key: undefined },
  ])
  listener.close()
})

test("variables that are meant for Google's own client change nothing, and it says nothing of them", async () => {
  vi.stubEnv('GOOGLE_API_KEY', 'other-key-0123456789')
  vi.stubEnv('GEMINI_API_KEY', 'another-key-0123456789')
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', 'http://127.0.0.1:1')
  vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true')
  vi.stubEnv('GOOGLE_GENAI_API_VERSION', 'v9')
  const warn = vi.spyOn(console, 'warn')
  const { path } = await sent(request('Hello'))
  expect(path).toBe('/v1beta/models/gemini-2.0-flash:generateContent')
  expect(warn).not.toHaveBeenCalled()
  vi.unstubAllEnvs()
  warn.mockRestore()
})

test('a model counts by its provider, its parameters and how it is held to a schema', () => {
  expect(geminiLLM.identity(gemini({ model: 'gemini-2.0-flash' }))).toEqual({
    provider: 'https://generativelanguage.googleapis.com',
    model: 'gemini-2.0-flash',
    parameters: { maxNewTokens: 2048 },
  })
  const thinking = gemini({
    model: 'gemini-2.5-pro',
    structuredMode: 'instructions',
    generationKwargs: { thinkingConfig: { thinkingBudget: 128 } },
  })
  expect(geminiLLM.identity(thinking).parameters).toEqual({
    maxNewTokens: 8192,
    structuredMode: 'instructions',
    thinkingConfig: { thinkingBudget: 128 },
  })
  expect(geminiLLM.limitGroup(thinking)).toBe(
    'https://generativelanguage.googleapis.com GEMINI_API_KEY gemini-2.5-pro',
  )
})
