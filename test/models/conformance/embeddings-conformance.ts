import { afterEach, expect, test } from 'vitest'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import { embeddingsContract } from '../../../src/testing/embeddings-contract.ts'
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

/** What every model that is built in must do that turns texts into vectors. */
export function testEmbeddings(create: CreateEmbeddings): void {
  for (const { name, run } of embeddingsContract(() => create({}))) test(name, run)
  const live = createTracked(create)

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
