import { afterEach, beforeEach, expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type CohereEmbeddingsOptions,
  cohereEmbeddings,
  cohereEmbeddingsDefinition,
} from '../../../src/models/cohere/cohere-embeddings.ts'
import { cohereError } from './cohere-wire.ts'
import { type FakeCohere, startFakeCohere } from './fake-cohere.ts'

const models: EmbeddingModel[] = []
let fake: FakeCohere

beforeEach(async () => {
  fake = await startFakeCohere()
})
afterEach(async () => {
  await Promise.all(models.splice(0).map(async (model) => await model.close?.()))
  await fake.close()
})

async function create(options: Partial<CohereEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const given = { model: 'embed-v4.0', baseURL: fake.url, apiKeyEnv: 'K', ...options }
  const model = await cohereEmbeddingsDefinition.create(cohereEmbeddings(given), { K: 'some-key' })
  models.push(model)
  return model
}

test('texts go out together, and their vectors come back in order, with what they cost', async () => {
  const model = await create()
  expect(await model.embed({ texts: ['a', 'four', 'words'] })).toEqual({
    vectors: [
      Float32Array.of(1, 2, 4, 6),
      Float32Array.of(4, 2, 4, 6),
      Float32Array.of(5, 2, 4, 6),
    ],
    usage: { inputTokens: 4, outputTokens: 0 },
    model: 'embed-v4.0',
  })
  expect(fake.embedded).toEqual([
    {
      model: 'embed-v4.0',
      texts: ['a', 'four', 'words'],
      input_type: 'search_document',
      embedding_types: ['float'],
    },
  ])
})

test('what vectors are for, their length and what is cut off are told', async () => {
  const model = await create({ inputType: 'clustering', dimensions: 256, truncate: 'NONE' })
  const { vectors } = await model.embed({ texts: ['a'] })
  expect(vectors[0]).toHaveLength(256)
  expect(fake.embedded[0]).toMatchObject({
    input_type: 'clustering',
    output_dimension: 256,
    truncate: 'NONE',
  })
})

test('vectors are brought to length 1 where that is wished', async () => {
  const model = await create({ normalize: true })
  const { vectors } = await model.embed({ texts: ['a', 'four'] })
  for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
})

test('a model takes 96 texts a call, whose tokens depend on its age', async () => {
  expect(await create()).toMatchObject({ mostTexts: 96, mostTokens: 128_000 })
  expect(await create({ model: 'embed-multilingual-v3.0' })).toMatchObject({ mostTokens: 49_152 })
})

test.for([
  ['a vector too few', 'request-invalid', { status: 200, body: { embeddings: { float: [[1]] } } }],
  [
    'vectors of several lengths',
    'request-invalid',
    { status: 200, body: { embeddings: { float: [[1], [1, 2]] } } },
  ],
  ['no vectors', 'request-invalid', { status: 200, body: { embeddings: {} } }],
  ['a page', 'endpoint-wrong', { status: 200, body: '<html>Welcome</html>' }],
  ['a wrong key', 'authentication', { status: 401, body: cohereError('invalid api token') }],
  [
    'an unknown model',
    'model-unknown',
    { status: 404, body: cohereError("model 'embed-v4.0' not found") },
  ],
  [
    'a text that is too long',
    'context-length',
    { status: 400, body: cohereError('too many tokens in text 0') },
  ],
] as const)('%s is an error', async ([, code, reply]) => {
  fake.reply = reply
  const model = await create()
  await expect(model.embed({ texts: ['a', 'b'] })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/^CohereEmbeddings 'embed-v4\.0' got .*\/v2\/embed/),
  })
})

test('an empty text, too many of them and vectors of another length are refused', async () => {
  const model = await create({ dimensions: 8 })
  await expect(model.embed({ texts: ['a', ''] })).rejects.toMatchObject({ code: 'input-invalid' })
  const texts = Array.from({ length: 97 }, String)
  await expect(model.embed({ texts })).rejects.toMatchObject({ code: 'internal' })
  fake.reply = { status: 200, body: { embeddings: { float: [[1, 2]] } } }
  await expect(model.embed({ texts: ['a'] })).rejects.toMatchObject({
    code: 'parameter-invalid',
  })
})

test('a signal ends a call with its reason', async () => {
  const model = await create()
  const reason = new Error('cancelled')
  const asked = model.embed({ texts: ['a'] }, { signal: AbortSignal.abort(reason) })
  await expect(asked).rejects.toBe(reason)
})

test('a model counts by what decides its vectors', () => {
  const spec = cohereEmbeddings({ model: 'e', dimensions: 512, normalize: true, truncate: 'END' })
  expect(cohereEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'https://api.cohere.com',
    model: 'e',
    parameters: {
      inputType: 'search_document',
      dimensions: 512,
      truncate: 'END',
      normalize: true,
    },
  })
})
