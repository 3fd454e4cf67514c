import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type MistralEmbeddingsOptions,
  mistralEmbeddings,
  mistralEmbeddingsDefinition,
} from '../../../src/models/mistral/mistral-embeddings.ts'
import { type FakeMistral, startFakeMistral } from '../../servers/mistral/fake-mistral.ts'
import { defaultMistralOptions } from '../../servers/mistral/mistral-options.ts'
import { testEmbeddingErrors, testEmbeddings } from '../conformance/embeddings-conformance.ts'

let server: FakeMistral
/** Sends what no Mistral would. */
let odd: FakeServer

beforeAll(async () => {
  server = await startFakeMistral()
  odd = await startFakeServer()
})
afterEach(() => server.set(defaultMistralOptions))
afterAll(() => Promise.all([server.close(), odd.close()]))

function create(options: Partial<MistralEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const given = { model: 'mistral-embed', baseURL: `${server.url}/v1`, apiKeyEnv: 'K', ...options }
  return mistralEmbeddingsDefinition.create(mistralEmbeddings(given), { K: 'some-key' })
}

testEmbeddings((options) => create(options))
testEmbeddingErrors({
  create: () => create({ baseURL: odd.url }),
  reply: (reply: FakeReply | undefined) => odd.set({ reply: reply ?? null }),
  who: "MistralEmbeddings 'mistral-embed'",
})

test('vectors are told apart by their index, and may be shorter', async () => {
  const model = await create({ outputDimension: 4 })
  const { vectors } = await model.embed({ texts: ['one', 'two'] })
  expect(vectors.map(({ length }) => length)).toEqual([4, 4])
  server.set({ reversesVectors: true })
  expect((await model.embed({ texts: ['one', 'two'] })).vectors).toEqual(vectors)
  await model.close?.()
})

test('a model takes 512 texts and 16,384 tokens a call, and counts by what decides its vectors', async () => {
  const model = await create()
  expect(model).toMatchObject({ mostTexts: 512, mostTokens: 16_384 })
  await model.close?.()
  const spec = mistralEmbeddings({ model: 'codestral-embed', outputDimension: 256 })
  expect(mistralEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'https://api.mistral.ai',
    model: 'codestral-embed',
    parameters: { outputDimension: 256 },
  })
})
