import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type SentenceTransformerEmbeddingsOptions,
  sentenceTransformerEmbeddings,
  sentenceTransformerEmbeddingsDefinition,
} from '../../../src/models/transformers/sentence-transformer-embeddings.ts'
import {
  type TransformersEmbeddingsOptions,
  transformersEmbeddings,
  transformersEmbeddingsDefinition,
} from '../../../src/models/transformers/transformers-embeddings.ts'
import { testEmbeddings } from '../conformance/embeddings-conformance.ts'
import { countTicks } from '../count-ticks.ts'
import { distance } from '../vector-distance.ts'
import { writeTinyEncoder } from './tiny-onnx.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-onnx-embeddings-'))
const model = join(folder, 'encoder')

function create(options: Partial<TransformersEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const spec = transformersEmbeddings({ model, threads: 1, ...options })
  return transformersEmbeddingsDefinition.create(spec, {})
}

function createSentences(
  options: Partial<SentenceTransformerEmbeddingsOptions> = {},
): Promise<EmbeddingModel> {
  const spec = sentenceTransformerEmbeddings({ model, threads: 1, ...options })
  return sentenceTransformerEmbeddingsDefinition.create(spec, {})
}

async function vectorOf(made: Promise<EmbeddingModel>, text: string): Promise<Float32Array> {
  const embedder = await made
  const { vectors } = await embedder.embed({ texts: [text, 'a longer text beside it'] })
  await embedder.close?.()
  return vectors[0] ?? Float32Array.of()
}

beforeAll(() => writeTinyEncoder(model))
afterAll(() => rm(folder, { recursive: true }))

testEmbeddings(create)

test('many calls at once keep their texts apart', async () => {
  const embedder = await create()
  const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`)
  const together = await embedder.embed({ texts })
  const apart = await Promise.all(texts.map((text) => embedder.embed({ texts: [text] })))
  for (const [index, { vectors }] of apart.entries())
    expect(distance(vectors[0], together.vectors[index])).toBeLessThan(1e-4)
  await embedder.close?.()
})

test('vectors are as the model gives them, or of length 1 where that is asked for', async () => {
  const plain = await vectorOf(create(), 'a bowl')
  const unit = await vectorOf(create({ normalize: true }), 'a bowl')
  expect(plain).toHaveLength(32)
  const length = Math.hypot(...plain)
  expect(length).not.toBeCloseTo(1, 1)
  expect(Math.hypot(...unit)).toBeCloseTo(1, 5)
  expect(
    distance(
      plain.map((value) => value / length),
      unit,
    ),
  ).toBeLessThan(1e-5)
})

test('one vector is made of those of all tokens, of the first or of the last, whatever pads them', async () => {
  const [mean, cls, last] = await Promise.all(
    (['mean', 'cls', 'last'] as const).map((pooling) => vectorOf(create({ pooling }), 'bowl')),
  )
  expect(distance(mean, cls)).toBeGreaterThan(1e-3)
  expect(distance(cls, last)).toBeGreaterThan(1e-3)
  for (const pooling of ['mean', 'cls', 'last'] as const) {
    const embedder = await create({ pooling })
    const alone = await embedder.embed({ texts: ['bowl'] })
    await embedder.close?.()
    const padded = { mean, cls, last }[pooling]
    expect(distance(alone.vectors[0], padded)).toBeLessThan(1e-4)
  }
})

test('what stands before a text is read with it, and tokens are counted', async () => {
  const prefixed = await vectorOf(create({ prefix: 'query: ' }), 'a bowl')
  expect(distance(prefixed, await vectorOf(create(), 'query: a bowl'))).toBe(0)
  const embedder = await create()
  expect(embedder).toMatchObject({ model: 'encoder', mostTexts: 32, mostTokens: 32 * 128 })
  // Two marks around each, and one token for each letter.
  const { usage } = await embedder.embed({ texts: ['a b', 'c'] })
  expect(usage).toEqual({ inputTokens: 7, outputTokens: 0 })
  const long = await embedder.embed({ texts: ['a '.repeat(300), 'a '.repeat(500)] })
  expect(long.usage.inputTokens).toBe(2 * 128)
  expect(distance(long.vectors[0], long.vectors[1])).toBe(0)
  await embedder.close?.()
})

test('a model of Sentence Transformers has prompts, shorter vectors, and length 1 by default', async () => {
  const prompts = { query: 'query: ', passage: 'passage: ' }
  const asked = { prompts, defaultPromptName: 'query', normalizeEmbeddings: false }
  const query = await vectorOf(createSentences(asked), 'a bowl')
  expect(distance(query, await vectorOf(create({ prefix: 'query: ' }), 'a bowl'))).toBe(0)
  const short = await vectorOf(createSentences({ ...asked, truncateDim: 8 }), 'a bowl')
  expect(distance(short, query.slice(0, 8))).toBe(0)
  const unit = await vectorOf(createSentences({ truncateDim: 8 }), 'a bowl')
  expect(Math.hypot(...unit)).toBeCloseTo(1, 5)
})

test('a prompt that is not there and vectors that are too short are refused with a sentence', async () => {
  const unknown = createSentences({ prompts: { query: 'query: ' }, defaultPromptName: 'qery' })
  await expect(unknown).rejects.toMatchObject({
    code: 'parameter-invalid',
    message:
      "SentenceTransformerEmbeddings 'encoder' has no prompt 'qery', which defaultPromptName names. Did you mean 'query'?",
  })
  const long = await createSentences({ truncateDim: 33 })
  await expect(long.embed({ texts: ['a'] })).rejects.toMatchObject({ code: 'parameter-invalid' })
  await long.close?.()
  await expect(create({ model: join(folder, 'absent') })).rejects.toMatchObject({
    code: 'file-missing',
  })
})

test('timers go on while a model computes', async () => {
  const embedder = await create()
  const texts = Array.from({ length: 32 }, () => 'a '.repeat(500))
  const { ticks, longest } = await countTicks(async () => {
    for (let round = 0; round < 20; round++) await embedder.embed({ texts })
  })
  expect(ticks).toBeGreaterThan(3)
  expect(longest).toBeLessThan(1000)
  await embedder.close?.()
})

test('a model counts by what decides its vectors', () => {
  const shared = { provider: 'transformers.js', model: 'owner/name' }
  const plain = transformersEmbeddings({ model: 'owner/name', threads: 2, dtype: 'q8' })
  expect(transformersEmbeddingsDefinition.identity(plain)).toEqual({
    ...shared,
    parameters: { dtype: 'q8', pooling: 'mean', normalize: false },
  })
  const sentences = sentenceTransformerEmbeddings({
    model: 'owner/name',
    revision: 'v1',
    prompts: { query: 'query: ', other: 'other: ' },
    defaultPromptName: 'query',
    truncateDim: 8,
    pooling: 'cls',
  })
  expect(sentenceTransformerEmbeddingsDefinition.identity(sentences)).toEqual({
    ...shared,
    parameters: {
      revision: 'v1',
      pooling: 'cls',
      normalize: true,
      prefix: 'query: ',
      truncateDim: 8,
    },
  })
})
