import { expect, test } from 'vitest'

import {
  type SimulatedEmbeddingsOptions,
  simulatedEmbeddings,
  simulatedEmbeddingsDefinition,
} from '../../../src/models/simulated/simulated-embeddings.ts'
import { testEmbeddings } from '../conformance/embeddings-conformance.ts'

function create(options: SimulatedEmbeddingsOptions = {}) {
  return simulatedEmbeddingsDefinition.create(simulatedEmbeddings(options), {})
}

// Its vectors always are of unit length.
testEmbeddings(() => create())

test('vectors are the same at all times and places', async () => {
  const { vectors, usage, model } = await (
    await create({ dimensions: 3 })
  ).embed({
    texts: ['A retort is a vessel.'],
  })
  expect([...(vectors[0] ?? [])].map((value) => value.toFixed(4))).toEqual([
    '0.4633',
    '0.8859',
    '-0.0236',
  ])
  expect(usage).toEqual({ inputTokens: 6, outputTokens: 0 })
  expect(model).toBe('simulated')
})

test('texts that share words are nearer to each other than others', async () => {
  const texts = ['the cat sat on the mat', 'The cat sat on a mat!', 'prices of oil rose again']
  const { vectors } = await (await create()).embed({ texts })
  const [first, second, third] = vectors as [Float32Array, Float32Array, Float32Array]
  const near = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
  expect(near(first, second)).toBeGreaterThan(0.6)
  expect(near(first, third)).toBeLessThan(0.4)
})

test('a simulated model has no key, and counts by its name and its dimensions', async () => {
  const spec = simulatedEmbeddings({ dimensions: 128, latencyMs: 5 })
  expect(simulatedEmbeddingsDefinition.keyVariable(spec)).toBeUndefined()
  expect(simulatedEmbeddingsDefinition.isSimulated).toBe(true)
  expect(simulatedEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'simulated',
    model: 'simulated',
    parameters: { dimensions: 128 },
  })
})
