import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import {
  type LlamaCppEmbeddingsOptions,
  llamaCppEmbeddings,
  llamaCppEmbeddingsDefinition,
} from '../../../src/models/llama-cpp/llama-cpp-embeddings.ts'
import { testEmbeddings } from '../conformance/embeddings-conformance.ts'
import { countTicks } from '../count-ticks.ts'
import { distance } from '../vector-distance.ts'
import { writeTinyEmbeddingGGUF } from './tiny-embedding-gguf.ts'
import { writeTinyGGUF } from './tiny-gguf.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-gguf-embeddings-'))
const modelPath = join(folder, 'encoder.gguf')

function create(options: Partial<LlamaCppEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const spec = llamaCppEmbeddings({ modelPath, threads: 1, ...options })
  return llamaCppEmbeddingsDefinition.create(spec, {})
}

beforeAll(() => writeTinyEmbeddingGGUF(modelPath))
afterAll(() => rm(folder, { recursive: true }))

testEmbeddings(({ normalize }) =>
  create(normalize === undefined ? {} : { normalizeEmbeddings: normalize }),
)

test('many calls at once keep their texts apart', async () => {
  const model = await create()
  const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`)
  const together = await model.embed({ texts })
  const apart = await Promise.all(texts.map((text) => model.embed({ texts: [text] })))
  for (const [index, { vectors }] of apart.entries())
    expect(distance(vectors[0], together.vectors[index])).toBeLessThan(1e-4)
  await model.close?.()
})

test('vectors are as the model gives them, or of length 1 where that is asked for', async () => {
  const [plain, unit] = [await create(), await create({ normalizeEmbeddings: true })]
  const [given, brought] = [await plain.embed({ texts: ['a'] }), await unit.embed({ texts: ['a'] })]
  const length = Math.hypot(...(given.vectors[0] ?? []))
  expect(length).not.toBeCloseTo(1, 2)
  expect(Math.hypot(...(brought.vectors[0] ?? []))).toBeCloseTo(1, 5)
  expect(
    distance(
      given.vectors[0]?.map((value) => value / length),
      brought.vectors[0],
    ),
  ).toBeLessThan(1e-6)
  await plain.close?.()
  await unit.close?.()
})

test('what does not fit into the context is cut off, and tokens are counted', async () => {
  const model = await create({ contextSize: 256 })
  expect(model).toMatchObject({ model: 'encoder', mostTexts: 64, mostTokens: 64 * 256 })
  const { vectors, usage } = await model.embed({ texts: ['a '.repeat(400), 'a '.repeat(900)] })
  expect(distance(vectors[0], vectors[1])).toBe(0)
  expect(usage.inputTokens).toBe(2 * 255)
  expect((await model.embed({ texts: ['a b'] })).usage.inputTokens).toBe(4)
  await model.close?.()
})

test('a model that answers gives the state of the last token', async () => {
  const path = join(folder, 'decoder.gguf')
  await writeTinyGGUF(path)
  const model = await create({ modelPath: path })
  const { vectors } = await model.embed({ texts: ['one', 'two'] })
  expect(vectors[0]).toHaveLength(64)
  expect(distance(vectors[0], vectors[1])).toBeGreaterThan(1e-3)
  await model.close?.()
})

test('what is asked of a model that is closed fails, and can be asked again elsewhere', async () => {
  const model = await create()
  const asked = Promise.allSettled([model.embed({ texts: ['a '.repeat(400), 'b'] })])
  await model.close?.()
  const reason = { code: 'worker-stopping', verdict: 'retry' }
  expect(await asked).toMatchObject([{ status: 'rejected', reason }])
  await expect(model.embed({ texts: ['a'] })).rejects.toMatchObject(reason)
})

test('timers go on while a model computes', async () => {
  const model = await create()
  const texts = Array.from({ length: 60 }, () => 'a '.repeat(500))
  const { ticks, longest } = await countTicks(() => model.embed({ texts }))
  expect(ticks).toBeGreaterThan(3)
  expect(longest).toBeLessThan(1000)
  await model.close?.()
})

test('a file that is none is refused', async () => {
  await expect(create({ modelPath: join(folder, 'absent.gguf') })).rejects.toMatchObject({
    code: 'file-missing',
  })
  const path = join(folder, 'text.gguf')
  await writeFile(path, 'This is no model.')
  await expect(create({ modelPath: path })).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringContaining("LlamaCppEmbeddings 'text' needs a GGUF file"),
  })
})

test('a model counts by its file and by what decides its vectors', () => {
  const spec = llamaCppEmbeddings({ modelPath: '/models/e.gguf', threads: 2, gpuLayers: 4 })
  expect(llamaCppEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'llama.cpp',
    model: '/models/e.gguf',
    parameters: { normalizeEmbeddings: false },
  })
})
