import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import { defaultFakeOptions } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type GoogleEmbeddingsOptions,
  googleEmbeddings,
  googleEmbeddingsDefinition,
} from '../../../src/models/google/google-embeddings.ts'
import { testEmbeddingErrors, testEmbeddings } from '../conformance/embeddings-conformance.ts'
import { startGoogle } from '../servers/google.ts'

const models: EmbeddingModel[] = []
let server: FakeServer
/** Speaks all of Google's API. */
let google: Awaited<ReturnType<typeof startGoogle>>

beforeAll(async () => {
  server = await startFakeServer()
  google = await startGoogle()
})
afterEach(async () => {
  await Promise.all(models.splice(0).map(async (model) => await model.close?.()))
  server.set(defaultFakeOptions)
})
afterAll(() => Promise.all([server.close(), google.close()]))

async function create(options: Partial<GoogleEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const given = { model: 'gemini-embedding-001', baseURL: server.url, apiKeyEnv: 'K', ...options }
  const model = await googleEmbeddingsDefinition.create(googleEmbeddings(given), { K: 'some-key' })
  models.push(model)
  return model
}

testEmbeddings((options) => create({ baseURL: google.url, ...options }))
testEmbeddingErrors({
  create,
  reply: (reply) => server.set({ reply: reply ?? null }),
  who: "GoogleEmbeddings 'gemini-embedding-001'",
})

function reply(...vectors: readonly (readonly number[])[]): void {
  const embeddings = vectors.map((values) => ({ values }))
  const body = { embeddings, usageMetadata: { promptTokenCount: 7 } }
  server.set({ reply: { status: 200, body } })
}

test('texts go out together, and their vectors come back in order', async () => {
  const calls: FakeCall[] = []
  server.set({
    respond: (call) => {
      calls.push(call)
      return { status: 200, body: { embeddings: [{ values: [1, 2] }, { values: [3, 4] }] } }
    },
  })
  const model = await create({ taskType: 'CLUSTERING', outputDimensionality: 2 })
  const { vectors } = await model.embed({ texts: ['a', 'b'] })
  expect(vectors).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
  const shared = {
    model: 'models/gemini-embedding-001',
    taskType: 'CLUSTERING',
    outputDimensionality: 2,
  }
  expect(calls.map(({ path, body }) => [path, body])).toEqual([
    [
      '/v1beta/models/gemini-embedding-001:batchEmbedContents',
      {
        requests: [
          { ...shared, content: { parts: [{ text: 'a' }] } },
          { ...shared, content: { parts: [{ text: 'b' }] } },
        ],
      },
    ],
  ])
})

test('vectors are brought to length 1 where that is wished, and tokens are counted', async () => {
  reply([3, 4])
  const model = await create({ normalize: true })
  const { vectors, usage } = await model.embed({ texts: ['a'] })
  expect([...(vectors[0] ?? [])]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)])
  expect(usage).toEqual({ inputTokens: 7, outputTokens: 0 })
  const plain = await create()
  expect((await plain.embed({ texts: ['a'] })).vectors).toEqual([Float32Array.of(3, 4)])
})

test('a vector too few is an error, and so is what the server says in its place', async () => {
  reply([1])
  const model = await create()
  await expect(model.embed({ texts: ['a', 'b'] })).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining(
      "GoogleEmbeddings 'gemini-embedding-001' got 1 vector for 2 texts",
    ),
  })
  const message = 'API key not valid. Please pass a valid API key.'
  server.set({ reply: { status: 400, body: { error: { code: 400, message } } } })
  await expect(model.embed({ texts: ['a'] })).rejects.toMatchObject({ code: 'authentication' })
})

test('a model takes 100 texts a call, and counts by what decides its vectors', async () => {
  const model = await create()
  expect(model).toMatchObject({ mostTexts: 100, mostTokens: 204_800 })
  expect(await create({ model: 'gemini-embedding-2' })).toMatchObject({ mostTokens: 819_200 })
  const spec = googleEmbeddings({ model: 'e', taskType: 'CLUSTERING', normalize: true })
  expect(googleEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'https://generativelanguage.googleapis.com',
    model: 'e',
    parameters: { taskType: 'CLUSTERING', normalize: true },
  })
})
