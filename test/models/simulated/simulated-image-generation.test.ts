import { inflateSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { mediaTypeOf } from '../../../src/core/media-type.ts'
import {
  type SimulatedImagesOptions,
  simulatedImageGenerationDefinition,
  simulatedImages,
} from '../../../src/models/simulated/simulated-image-generation.ts'
import { testImages } from '../conformance/images-conformance.ts'

function create(options: SimulatedImagesOptions = {}) {
  return simulatedImageGenerationDefinition.create(simulatedImages(options), {})
}

testImages(() => create())

async function bytesOf(prompt: string, sampleIndex = 0, options: SimulatedImagesOptions = {}) {
  const { image } = await (await create(options)).generate({ prompt, sampleIndex })
  return Buffer.from(image.bytes)
}

test('a prompt becomes a PNG of the size that is wanted', async () => {
  const model = await create({ size: 16 })
  const { image, usage, model: name } = await model.generate({ prompt: 'A cat', sampleIndex: 0 })
  expect(image.mediaType).toBe('image/png')
  expect(mediaTypeOf(image.bytes)).toBe('image/png')
  expect(usage).toEqual({ inputTokens: 2, outputTokens: 0 })
  expect(name).toBe('simulated')
  const bytes = Buffer.from(image.bytes)
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([16, 16])
  const start = bytes.indexOf('IDAT')
  const rows = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)))
  expect(rows).toHaveLength(16 * (1 + 16 * 3))
  const colours = new Set<string>()
  for (let at = 1; at < 49; at += 3) colours.add(rows.subarray(at, at + 3).toString('hex'))
  expect(colours.size).toBeLessThanOrEqual(2)
  expect(bytes.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082')
})

test('the same prompt has the same image, and another sample or prompt another', async () => {
  const first = await bytesOf('A cat')
  expect(await bytesOf('A cat')).toEqual(first)
  expect(await bytesOf('A cat', 1)).not.toEqual(first)
  expect(await bytesOf('A dog')).not.toEqual(first)
})

test('a simulated image that takes its time can be stopped', async () => {
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const model = await create({ latencyMs: 60_000 })
  const asked = model.generate({ prompt: 'x', sampleIndex: 0 }, { signal: controller.signal })
  controller.abort(reason)
  await expect(asked).rejects.toBe(reason)
})

test('a simulated model of images has no key, and counts by its name and its size', () => {
  const spec = simulatedImages()
  expect(simulatedImageGenerationDefinition.keyVariable(spec)).toBeUndefined()
  expect(simulatedImageGenerationDefinition.isSimulated).toBe(true)
  expect(simulatedImageGenerationDefinition.identity(spec)).toEqual({
    provider: 'simulated',
    model: 'simulated',
    parameters: { size: 64 },
  })
})
