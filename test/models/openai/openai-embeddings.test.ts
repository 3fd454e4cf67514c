import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type OpenAIEmbeddingsOptions,
  openAIEmbeddings,
  openAIEmbeddingsDefinition,
  togetherEmbeddings,
  togetherEmbeddingsDefinition,
  vLLMEmbeddings,
  vLLMEmbeddingsDefinition,
} from '../../../src/models/openai/openai-embeddings.ts'
import { defaultBatchesOptions } from '../../servers/openai/batch-options.ts'
import { vectorOf } from '../../servers/openai/embedding-reply.ts'
import { type FakeBatches, startFakeBatches } from '../../servers/openai/fake-batches.ts'
import { testEmbeddingErrors, testEmbeddings } from '../conformance/embeddings-conformance.ts'

const key = 'test-key-0123456789'
let server: FakeBatches
const live: EmbeddingModel[] = []

beforeAll(async () => {
  server = await startFakeBatches()
})
afterEach(async () => {
  await Promise.all(live.splice(0).map(async (model) => await model.close?.()))
  server.set(defaultBatchesOptions)
})
afterAll(() => server.close())

async function create(options: Partial<OpenAIEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const model = await openAIEmbeddingsDefinition.create(
    openAIEmbeddings({
      model: 'text-embedding-3-small',
      baseURL: `${server.url}/v1`,
      apiKeyEnv: 'TEST_KEY',
      ...options,
    }),
    { TEST_KEY: key },
  )
  live.push(model)
  return model
}

const reply = (sent: FakeReply | undefined) => server.set({ reply: sent ?? null })

testEmbeddings(create)
testEmbeddingErrors({ create, reply, who: `OpenAIEmbeddings 'text-embedding-3-small'` })

test('a call sends the key, the model, the texts, and what a vector is to be like', async () => {
  server.set({ apiKey: key })
  const calls: unknown[] = []
  server.set({ onEmbed: (body) => void calls.push(body) })
  const { usage, model } = await (await create({ dimensions: 4 })).embed({ texts: ['one', 'two'] })
  expect(calls).toEqual([
    {
      model: 'text-embedding-3-small',
      input: ['one', 'two'],
      dimensions: 4,
      encoding_format: 'base64',
    },
  ])
  expect(usage).toEqual({ inputTokens: 2, outputTokens: 0 })
  expect(model).toBe('text-embedding-3-small')
})

test.for([{}, { ignoresEncodingFormat: true }, { reversesVectors: true }])(
  'vectors are those that were sent, where the server does %o',
  async (options) => {
    server.set(options)
    const { vectors } = await (await create()).embed({ texts: ['one', 'two', 'three'] })
    expect(vectors).toEqual([vectorOf('one', 8), vectorOf('two', 8), vectorOf('three', 8)])
  },
)

test.for([[[{ index: 0, embedding: [1] }]], [{}], [[{}, 1]]])(
  'a reply without the vectors is an error that names the address: %j',
  async ([data]) => {
    reply({ status: 200, body: { data } })
    const error = await (await create()).embed({ texts: ['one', 'two'] }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'request-invalid', verdict: 'reject' })
    expect(String(error)).toContain(`${server.url}/v1/embeddings`)
  },
)

test('a reply without usage counts as nothing used, and one without a name has the own', async () => {
  reply({ status: 200, body: { data: [{ embedding: [1, 0.5] }] } })
  expect(await (await create()).embed({ texts: ['one'] })).toEqual({
    vectors: [Float32Array.of(1, 0.5)],
    usage: { inputTokens: 0, outputTokens: 0 },
    model: 'text-embedding-3-small',
  })
})

test.for([
  [openAIEmbeddingsDefinition, openAIEmbeddings, 'https://api.openai.com/v1', 'OPENAI_API_KEY'],
  [vLLMEmbeddingsDefinition, vLLMEmbeddings, 'http://127.0.0.1:8000/v1', undefined],
  [
    togetherEmbeddingsDefinition,
    togetherEmbeddings,
    'https://api.together.xyz/v1',
    'TOGETHER_API_KEY',
  ],
] as const)('$0.type has its address and its key', async ([definition, factory, provider, key]) => {
  const spec = factory({ model: 'm' })
  expect(spec.type).toBe(definition.type)
  expect(definition.kind).toBe('embeddings')
  expect(definition.keyVariable(spec)).toBe(key)
  expect(definition.identity(spec)).toEqual({
    provider,
    model: 'm',
    parameters: {},
  })
  const at = factory({ model: 'm', baseURL: `${server.url}/v1`, apiKeyEnv: null, textsPerCall: 5 })
  const model = await definition.create(at, {})
  live.push(model)
  expect(model.mostTexts).toBe(5)
  const { vectors } = await model.embed({ texts: ['one'] })
  expect(vectors).toEqual([vectorOf('one', 8)])
})

test('what decides vectors counts, and nothing else', () => {
  const identity = (options: Partial<OpenAIEmbeddingsOptions>) =>
    openAIEmbeddingsDefinition.identity(openAIEmbeddings({ model: 'm', ...options }))
  expect(identity({ dimensions: 256, normalize: true }).parameters).toEqual({
    dimensions: 256,
    normalize: true,
  })
  const other = { apiKeyEnv: 'OTHER', textsPerCall: 5, timeouts: { callSeconds: 5 } }
  expect(identity(other)).toEqual(identity({}))
})

test('two thousand vectors of 1,536 numbers come in one call, and hold nothing else', async () => {
  server.set({ dimensions: 1536 })
  const texts = Array.from({ length: 2048 }, (_, index) => `text ${index}`)
  const { vectors } = await (await create()).embed({ texts })
  expect(vectors).toHaveLength(2048)
  expect(vectors.every(({ buffer }) => buffer.byteLength === 1536 * 4)).toBe(true)
})
