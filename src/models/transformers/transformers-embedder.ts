import type { EmbeddingModel } from '../../core/embedding-model.ts'
import type { Environment } from '../../core/environment.ts'
import { RetortError } from '../../core/errors.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { normalize } from '../embeddings/normalize.ts'
import { acquireThread } from './model-thread.ts'
import type { LoadOptions, Pooling } from './thread-messages.ts'

/** A model that transformers.js runs to turn texts into vectors. */
export interface TransformersEmbedderOptions {
  readonly model: string
  readonly load: LoadOptions
  readonly environment: Environment
  readonly pooling: Pooling
  readonly normalizes: boolean
  /** What stands before each text. */
  readonly prefix: string
  /** Numbers of a vector that are kept. */
  readonly dimensions?: number | undefined
}

const mostTexts = 32

/** Makes a model live in a thread of this process that turns texts into vectors. */
export async function createTransformersEmbedder(
  options: TransformersEmbedderOptions,
): Promise<EmbeddingModel> {
  const { model, load, pooling, prefix, dimensions } = options
  const { value: thread, release } = await acquireThread(load, options.environment)
  return {
    type: load.type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens: mostTexts * thread.facts.maxLength,
    async embed({ texts }, { signal } = {}) {
      signal?.throwIfAborted()
      checkTexts(load.who, texts, mostTexts)
      const prefixed = texts.map((text) => `${prefix}${text}`)
      const reply = await thread.ask('embed', { texts: prefixed, pooling }, signal)
      const vectors = reply.vectors.map((vector) => {
        const kept = dimensions === undefined ? vector : truncated(load.who, vector, dimensions)
        return options.normalizes ? normalize(kept) : kept
      })
      return { vectors, usage: { inputTokens: reply.inputTokens, outputTokens: 0 }, model }
    },
    close: release,
  }
}

function truncated(who: string, vector: Float32Array, dimensions: number): Float32Array {
  if (dimensions <= vector.length) return vector.slice(0, dimensions)
  throw new RetortError(
    'parameter-invalid',
    `${who} has vectors of ${vector.length} numbers, of which ${dimensions} cannot be kept.`,
  )
}
