import { afterEach, expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { prompt, user } from '../../../src/core/chat.ts'
import type { ChatRequest } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import type { InferenceEndpointsOptions } from '../../../src/models/hugging-face/inference-endpoints-llm.ts'
import {
  inferenceEndpoints,
  inferenceEndpointsLLM,
} from '../../../src/models/hugging-face/inference-endpoints-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testProvider } from '../conformance/provider-conformance.ts'
import { startHuggingFace } from '../servers/hugging-face.ts'
import type { RouteReply, RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'

const { server } = testProvider({
  definition: inferenceEndpointsLLM,
  spec: ({ model, ...options }) => inferenceEndpoints({ modelId: model, ...options }),
})

const key = 'hf_0123456789abcdefghij'
const closing: { close?(): Promise<void> }[] = []

afterEach(async () => {
  for (const part of closing.splice(0)) await part.close?.()
})

async function start(reply?: RouteReply): Promise<RouteServer> {
  const started = await (reply === undefined ? startHuggingFace() : startRouteServer(() => reply))
  closing.push(started)
  return started
}

async function create(options: InferenceEndpointsOptions, environment = {}): Promise<LLM> {
  const spec = inferenceEndpoints(options)
  const llm = await inferenceEndpointsLLM.create(spec, { HF_TOKEN: key, ...environment })
  closing.push(llm)
  return llm
}

/** The first call that a conversation makes. */
async function sent(options: InferenceEndpointsOptions, asked: ChatRequest = request('Hello')) {
  const { url, calls } = await start()
  const llm = await create({ baseURL: url, ...options })
  await llm.chat(asked)
  const [call] = calls
  if (call === undefined) throw new Error('Nothing was sent.')
  return call
}

const raw: ChatRequest = { messages: [prompt('<s>Once')], parameters: {}, sampleIndex: 0 }
const chatTemplate =
  "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{% endfor %}<|assistant|>"
const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
const json = { format: 'json', schema } as const

test('conversations go to chat completions, with every parameter that they have', async () => {
  const { path, headers, body } = await sent({
    modelId: 'owner/model:together',
    generationKwargs: {
      temperature: 0.5,
      topP: 0.9,
      maxNewTokens: 7,
      stop: ['END'],
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      topK: 9,
      repetitionPenalty: 1.1,
      typicalP: 0.5,
      watermark: true,
      reasoningEffort: 'low',
      logprobs: true,
      topLogprobs: 2,
      extraBody: { user: 'me' },
    },
  })
  expect(path).toBe('/v1/chat/completions')
  expect(headers['authorization']).toBe(`Bearer ${key}`)
  expect(body).toEqual({
    model: 'owner/model:together',
    messages: request('Hello').messages,
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 7,
    stop: ['END'],
    seed: 3,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    top_k: 9,
    repetition_penalty: 1.1,
    reasoning_effort: 'low',
    logprobs: true,
    top_logprobs: 2,
    user: 'me',
  })
})

test('a server of one model needs no name of it', async () => {
  expect((await sent({})).body).toMatchObject({ model: 'tgi', max_tokens: 2048 })
})

test('raw prompts go to text generation, with every parameter that it has', async () => {
  const { path, headers, body } = await sent(
    {
      generationKwargs: {
        temperature: 0.5,
        topP: 0.9,
        maxNewTokens: 7,
        stop: 'END',
        seed: 3,
        frequencyPenalty: 0.1,
        topK: 9,
        repetitionPenalty: 1.1,
        typicalP: 0.5,
        doSample: true,
        watermark: true,
        topNTokens: 2,
        extraBody: { stream: false },
      },
    },
    { ...raw, sampleIndex: 2 },
  )
  expect(path).toBe('/generate')
  expect(headers['authorization']).toBe(`Bearer ${key}`)
  expect(body).toEqual({
    stream: false,
    inputs: '<s>Once',
    parameters: {
      max_new_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      typical_p: 0.5,
      do_sample: true,
      top_k: 9,
      repetition_penalty: 1.1,
      frequency_penalty: 0.1,
      watermark: true,
      top_n_tokens: 2,
      seed: 5,
      stop: ['END'],
      return_full_text: false,
      details: true,
    },
  })
})

test('what text generation refuses, though it asks for nothing, is left out', async () => {
  const kwargs = { temperature: 0, topP: 1, typicalP: 1, doSample: true }
  expect((await sent({ generationKwargs: kwargs }, raw)).body['parameters']).toEqual({
    max_new_tokens: 2048,
    do_sample: false,
    return_full_text: false,
    details: true,
  })
})

test('with a template conversations become raw prompts', async () => {
  const { path, body } = await sent({ chatTemplate })
  expect(path).toBe('/generate')
  expect(body['inputs']).toBe('<|system|>You answer briefly.<|user|>Hello<|assistant|>')
})

test('a family of models has its template', async () => {
  const { body } = await sent({ chatTemplate: 'llama3' })
  expect(body['inputs']).toContain('<|start_header_id|>user<|end_header_id|>')
})

test("a template comes from a tokenizer's configuration, with the tokens that it names", async () => {
  const config = {
    bos_token: { content: '<s>' },
    eos_token: '</s>',
    chat_template: [
      { name: 'tool_use', template: 'none' },
      { name: 'default', template: "{{ bos_token }}{{ messages[1]['content'] }}{{ eos_token }}" },
    ],
  }
  const hub = await start({ body: config })
  const { url, calls } = await start()
  const llm = await create({ baseURL: url, tokenizerId: 'owner/model' }, { HF_ENDPOINT: hub.url })
  await llm.chat(request('Hello'))
  expect(hub.calls).toMatchObject([
    { method: 'GET', path: '/owner/model/resolve/main/tokenizer_config.json' },
  ])
  expect(calls[0]?.body['inputs']).toBe('<s>Hello</s>')
})

test('a tokenizer without a template, and a folder without one, are told', async () => {
  const hub = await start({ body: { bos_token: '<s>' } })
  const options = { baseURL: hub.url, tokenizerId: 'owner/model' }
  await expect(create(options, { HF_ENDPOINT: hub.url })).rejects.toMatchObject({
    code: 'template-invalid',
    message: expect.stringContaining('holds no chat template'),
  })
  await expect(create({ baseURL: hub.url, tokenizerId: './nowhere' })).rejects.toMatchObject({
    code: 'file-missing',
    message: expect.stringContaining("folder './nowhere' has no tokenizer_config.json"),
  })
})

test('answers are held to forms by grammars of text generation, else as chat completions can', async () => {
  const asked = { ...request('Hello'), format: json }
  const grammar = await sent({ chatTemplate }, asked)
  expect(grammar.body['parameters']).toMatchObject({ grammar: { type: 'json', value: schema } })
  expect(grammar.body['inputs']).toContain('JSON Schema')
  const regex = { format: 'regex', pattern: 'ab+' } as const
  const pattern = await sent({}, { ...raw, format: regex })
  expect(pattern.body['parameters']).toMatchObject({ grammar: { type: 'regex', value: 'ab+' } })
  expect(pattern.body['inputs']).toBe('<s>Once')
  const inWords = await sent({ chatTemplate, structuredMode: 'instructions' }, asked)
  expect(inWords.body['parameters']).not.toHaveProperty('grammar')
  const chat = await sent({ modelId: 'owner/model' }, asked)
  expect(chat.body['response_format']).toMatchObject({
    type: 'json_schema',
    json_schema: { schema },
  })
  const words = await sent({ modelId: 'owner/model' }, { ...asked, format: regex })
  expect(words.body).not.toHaveProperty('response_format')
  expect(JSON.stringify(words.body['messages'])).toContain('ab+')
})

async function generated(reply: RouteReply, kwargs = {}): Promise<unknown> {
  const { url } = await start(reply)
  const llm = await create({ baseURL: url, modelId: 'owner/model', generationKwargs: kwargs })
  return await llm.chat(raw).catch((error: unknown) => error)
}

test('a generated text tells its tokens, why it ended and how likely it was', async () => {
  const tokens = [
    { id: 1, text: ' upon', logprob: -0.5, special: false },
    { id: 2, text: ' a', logprob: -0.1, special: false },
  ]
  const details = {
    finish_reason: 'length',
    generated_tokens: 2,
    prefill: [],
    tokens,
    top_tokens: [[tokens[0]], [tokens[1]]],
  }
  const body = { generated_text: ' upon a', details }
  const headers = { 'x-prompt-tokens': '3' }
  expect(await generated({ headers, body })).toEqual({
    choices: [{ text: ' upon a', finishReason: 'length' }],
    usage: { inputTokens: 3, outputTokens: 2 },
    model: 'owner/model',
  })
  expect(await generated({ headers, body: [body] }, { topNTokens: 1 })).toMatchObject({
    choices: [
      {
        logprobs: [
          { token: ' upon', logprob: -0.5, top: [{ token: ' upon', logprob: -0.5 }] },
          { token: ' a', logprob: -0.1, top: [{ token: ' a', logprob: -0.1 }] },
        ],
      },
    ],
  })
})

test('the text that ended an answer is no part of it, and thoughts are kept apart', async () => {
  const details = { finish_reason: 'stop_sequence' }
  const body = { generated_text: '<think>Hm.</think>a time END', details }
  expect(await generated({ body }, { stop: ['END', '\n'] })).toMatchObject({
    choices: [{ text: 'a time ', finishReason: 'stop', reasoning: 'Hm.' }],
    usage: { inputTokens: 0, outputTokens: 0 },
  })
})

test.for<[RouteReply, string, string]>([
  [{ body: {} }, 'request-invalid', 'got a reply without a text'],
  [{ body: [] }, 'provider-unavailable', 'got nothing in the place of JSON'],
  [{ body: '<html>Welcome</html>' }, 'endpoint-wrong', 'got a web page instead of an answer'],
  [{ body: { error: 'Overloaded' } }, 'provider-unavailable', 'Overloaded'],
  [
    {
      status: 422,
      body: {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000',
        error_type: 'validation',
      },
    },
    'context-length',
    'must be <= 4096',
  ],
  [
    { status: 424, body: { error: 'Request failed during generation', error_type: 'generation' } },
    'provider-unavailable',
    'during generation',
  ],
  [
    { status: 429, body: { error: 'Model is overloaded', error_type: 'overloaded' } },
    'rate-limited',
    'overloaded',
  ],
  [{ status: 401, body: { error: `Bad ${key}` } }, 'authentication', 'check the key in HF_TOKEN'],
  [{ status: 404, body: 'Not Found' }, 'endpoint-wrong', 'a model that does this'],
  [
    { status: 400, body: { error: 'Bad Request: Invalid state: endpoint is paused' } },
    'endpoint-wrong',
    'start it, or name it by endpointName',
  ],
])('text generation: %j becomes %s: %s', async ([reply, code, words]) => {
  const error = await generated(reply)
  expect(error).toMatchObject({ name: 'RetortError', code })
  expect(String(error)).toContain("InferenceEndpointsLLM 'owner/model'")
  expect(String(error)).toContain(words)
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(key)
})

test.for([
  [{}, /needs the parameter 'modelId'/],
  [{ endpointName: 'mine' }, /needs the parameter 'endpointNamespace'/],
  [
    { endpointName: 'mine', endpointNamespace: 'me', modelId: 'owner/model' },
    /'endpointName' .* is "mine": it says where the model runs, so leave out modelId and baseURL/,
  ],
  [{ modelId: 'm', generationKwargs: { stop: ['a', 'b', 'c', 'd', 'e'] } }, /stop/],
] as const)('parameters %j are refused: %s', ([params, sentence]) => {
  const spec = { type: 'InferenceEndpointsLLM', params }
  expect(() => inferenceEndpointsLLM.identity(spec)).toThrow(sentence)
})

test('what decides answers is its identity', () => {
  const spec = inferenceEndpoints({
    modelId: 'owner/model',
    modelDisplayName: 'Model',
    tokenizerId: 'owner/model',
    generationKwargs: { reasoningEffort: 'high' },
  })
  expect(inferenceEndpointsLLM.identity(spec)).toEqual({
    provider: 'https://router.huggingface.co',
    model: 'Model',
    parameters: {
      maxNewTokens: 8192,
      reasoningEffort: 'high',
      tokenizerId: 'owner/model',
      modelId: 'owner/model',
    },
  })
  expect(inferenceEndpointsLLM.limitGroup(spec)).toBe(
    'https://router.huggingface.co HF_TOKEN Model',
  )
  const named = inferenceEndpoints({ endpointName: 'mine', endpointNamespace: 'me' })
  expect(inferenceEndpointsLLM.identity(named)).toMatchObject({
    provider: 'https://api.endpoints.huggingface.cloud/v2/endpoint/me/mine',
    model: 'me/mine',
  })
})

test('a conversation of a fake that the tests share is answered, too', async () => {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const llm = await create({ baseURL: server().url, modelId: 'small' })
  await llm.chat({ messages: [user('Hello')], parameters: {}, sampleIndex: 0 })
  expect(calls.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
})
