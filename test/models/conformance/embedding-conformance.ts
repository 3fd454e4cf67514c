import { expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'

/** What every model must do that turns texts into vectors, whoever made it. */
export function testEmbeddings(create: () => Promise<EmbeddingModel>): void {
  test('texts get a vector each, in their order, the same each time', async () => {
    const model = await create()
    const texts = ['a retort', 'a bowl', 'a retort']
    const { vectors, usage, model: answered } = await model.embed({ texts })
    expect(vectors).toHaveLength(3)
    expect(vectors[0]?.length).toBeGreaterThan(1)
    expect(new Set(vectors.map(({ length }) => length)).size).toBe(1)
    expect(distance(vectors[0], vectors[2])).toBeLessThan(1e-5)
    expect(distance(vectors[0], vectors[1])).toBeGreaterThan(1e-3)
    expect(usage.inputTokens).toBeGreaterThan(0)
    expect(usage.outputTokens).toBe(0)
    expect(answered).not.toBe('')
    const alone = await model.embed({ texts: ['a bowl'] })
    expect(distance(alone.vectors[0], vectors[1])).toBeLessThan(1e-4)
    await model.close?.()
  })

  test('many calls at once keep their texts apart', async () => {
    const model = await create()
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`)
    const together = await model.embed({ texts })
    const apart = await Promise.all(texts.map((text) => model.embed({ texts: [text] })))
    for (const [index, { vectors }] of apart.entries())
      expect(distance(vectors[0], together.vectors[index])).toBeLessThan(1e-4)
    await model.close?.()
  })

  test('texts stop being turned into vectors with the reason of a signal', async () => {
    const model = await create()
    const reason = new Error('cancelled')
    const asked = model.embed({ texts: ['never'] }, { signal: AbortSignal.abort(reason) })
    await expect(asked).rejects.toBe(reason)
    await model.close?.()
  })
}

/** The largest difference between two vectors' numbers. */
export function distance(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined || a.length !== b.length) return Number.POSITIVE_INFINITY
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? Number.NaN))))
}
