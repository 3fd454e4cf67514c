import { afterEach, expect, test } from 'vitest'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import { replies } from './provider-replies.ts'

/** Makes a model; `normalize` is left out where that of the model's own is meant. */
export type CreateEmbeddings = (options: {
  readonly normalize?: boolean
}) => Promise<EmbeddingModel>

/** How the provider behind a model is made to fail. */
export interface FailingEmbeddings {
  readonly create: CreateEmbeddings
  /** Sends this in the place of every reply from then on; `undefined`: what it should. */
  reply(reply: FakeReply | undefined): void
  /** What errors begin with, such as `OpenAIEmbeddings 'm'`. */
  readonly who: string
}

/** Replies that mean something else, or nothing, where no conversation is answered. */
const ofConversations = ['no choices', 'null', 'a 400 of the filter']
const mostTried = 4096

/** What every model must do that turns texts into vectors, whoever made it. */
export function testEmbeddings(create: CreateEmbeddings): void {
  const live = createTracked(create)

  test('a text has a vector of finite numbers, and the call its usage and its name', async () => {
    const model = await live({})
    const { vectors, usage, model: answeredBy } = await model.embed({ texts: ['A retort.'] })
    expect(vectors).toHaveLength(1)
    expect(vectors[0]).toBeInstanceOf(Float32Array)
    expect(vectors[0]?.length).toBeGreaterThan(0)
    expect(vectors[0]?.every(Number.isFinite)).toBe(true)
    expect(usage.inputTokens).toBeGreaterThanOrEqual(0)
    expect(usage.outputTokens).toBe(0)
    expect(answeredBy).not.toBe('')
    expect(model.model).not.toBe('')
  })

  test('each of several texts has the vector that it has alone, in their order', async () => {
    const model = await live({})
    const texts = ['one', 'two: 二, deux, zwei', 'three\nlines\nof text', 'one']
    const { vectors } = await model.embed({ texts })
    expect(vectors).toHaveLength(texts.length)
    expect(new Set(vectors.map(({ length }) => length)).size).toBe(1)
    for (const [index, text] of texts.entries()) {
      const alone = (await model.embed({ texts: [text] })).vectors[0]
      expect(likeness(vectors[index], alone)).toBeGreaterThan(0.999)
    }
    expect(likeness(vectors[0], vectors[1])).toBeLessThan(0.999)
  })

  test('as many texts as it takes at once have as many vectors', async () => {
    const model = await live({})
    const count = Math.min(model.mostTexts, mostTried)
    const texts = Array.from({ length: count }, (_, index) => `text ${index}`)
    const { vectors } = await model.embed({ texts })
    expect(vectors).toHaveLength(count)
    const last = (await model.embed({ texts: [`text ${count - 1}`] })).vectors[0]
    expect(likeness(vectors.at(-1), last)).toBeGreaterThan(0.999)
  })

  test('no text, or more than it takes at once, is refused', async () => {
    const model = await live({})
    await expect(model.embed({ texts: [] })).rejects.toMatchObject({ code: 'internal' })
    if (!Number.isFinite(model.mostTexts) || model.mostTexts > 100_000) return
    const texts = Array.from({ length: model.mostTexts + 1 }, () => 'x')
    await expect(model.embed({ texts })).rejects.toMatchObject({ code: 'internal' })
  })

  test('an empty text is refused in a sentence that says which it is', async () => {
    const model = await live({})
    const error = await model
      .embed({ texts: ['one', ''] })
      .then(String, (thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'input-invalid', verdict: 'reject', data: { index: 1 } })
    expect(String(error)).toContain('2 of 2')
    expect(String(error)).toMatch(/\.$/)
  })

  test('a vector is of unit length where that is asked for', async () => {
    const model = await live({ normalize: true })
    const { vectors } = await model.embed({ texts: ['one', 'two'] })
    for (const vector of vectors) expect(lengthOf(vector)).toBeCloseTo(1, 5)
    const plain = (await (await live({ normalize: false })).embed({ texts: ['one'] })).vectors[0]
    expect(likeness(vectors[0], plain)).toBeGreaterThan(0.999)
  })

  test('a model that embeds leaves the request as it is', async () => {
    const model = await live({})
    const request = { texts: ['one', 'two'] }
    await model.embed(request)
    expect(request).toEqual({ texts: ['one', 'two'] })
  })

  test('a model that embeds throws the reason of a signal that was aborted before', async () => {
    const model = await live({})
    const reason = new Error('cancelled')
    const asked = model.embed({ texts: ['one'] }, { signal: AbortSignal.abort(reason) })
    await expect(asked).rejects.toBe(reason)
  })
}

/** What every such model behind a provider's API must do with what that replies in the place of vectors. */
export function testEmbeddingErrors({ create, reply, who }: FailingEmbeddings): void {
  const live = createTracked(create)
  afterEach(() => reply(undefined))

  test.for(replies.filter(([name]) => !ofConversations.includes(name)))(
    'in the place of vectors, %s becomes %s: %s',
    async ([, code, verdict, sent]) => {
      reply(sent)
      const model = await live({})
      const error = await model.embed({ texts: ['one'] }).then(String, (thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'RetortError', code, verdict })
      expect(String(error)).toContain(who)
      expect(String(error)).toMatch(/[.!?]$/)
    },
  )
}

function createTracked(create: CreateEmbeddings): CreateEmbeddings {
  const created: EmbeddingModel[] = []
  afterEach(async () => {
    await Promise.all(created.splice(0).map(async (model) => await model.close?.()))
  })
  return async (options) => {
    const model = await create(options)
    created.push(model)
    return model
  }
}

function lengthOf(vector: Float32Array): number {
  return Math.hypot(...vector)
}

/** The cosine of the angle between two vectors: 1 for those of one direction. */
function likeness(first: Float32Array | undefined, second: Float32Array | undefined): number {
  if (first === undefined || second === undefined) throw new Error('There is no vector.')
  const product = first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0)
  return product / lengthOf(first) / lengthOf(second)
}
