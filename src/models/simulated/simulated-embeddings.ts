import { z } from 'zod'

import type { EmbeddingModel } from '../../core/embedding-model.ts'
import type { EmbeddingsSpec } from '../../core/llm-spec.ts'
import { createRandom } from '../../core/random.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { normalize } from '../embeddings/normalize.ts'
import { toEmbeddingsDefinition } from '../model-definition.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { type SimulatedOptions, modelShape, takeTime, tokensOf } from './simulated-call.ts'

/** Parameters of {@link simulatedEmbeddings}. */
export interface SimulatedEmbeddingsOptions extends SimulatedOptions {
  /** Numbers of a vector; 64 by default. */
  readonly dimensions?: number
}

const params = z.strictObject({
  ...modelShape,
  dimensions: z.int().min(2).max(65_536).default(64).describe('Numbers of a vector.'),
})

/** Texts of the same words in another order are alike, and yet not the same. */
const ownShare = 0.25

/** The code of `SimulatedEmbeddings`. */
export const simulatedEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'SimulatedEmbeddings',
  factory: 'simulatedEmbeddings',
  description: 'Makes vectors of the words of a text, and asks nobody.',
  params,
  isSimulated: true,
  identity: ({ model, dimensions }) => ({
    provider: 'simulated',
    model,
    parameters: { dimensions },
  }),
  create: async (given) => createSimulatedEmbeddings(given),
})

/**
 * Names a model that needs no key and asks nobody: its vectors come from the words of a text, so that texts that share
 * words are near each other.
 *
 * The same text always has the same vector, of unit length. Datasets made with it say so.
 */
export function simulatedEmbeddings(options: SimulatedEmbeddingsOptions = {}): EmbeddingsSpec {
  return toModelSpec(simulatedEmbeddingsDefinition, options)
}

function createSimulatedEmbeddings({
  model,
  dimensions,
  latencyMs,
}: z.output<typeof params>): EmbeddingModel {
  const mostTexts = 2048
  return {
    type: 'SimulatedEmbeddings',
    model,
    isSimulated: true,
    mostTexts,
    mostTokens: 1_000_000,
    async embed({ texts }, { signal } = {}) {
      checkTexts(`SimulatedEmbeddings '${model}'`, texts, mostTexts)
      await takeTime(latencyMs, signal)
      return {
        vectors: texts.map((text) => vectorOf(text, dimensions)),
        usage: {
          inputTokens: texts.reduce((sum, text) => sum + tokensOf(text), 0),
          outputTokens: 0,
        },
        model,
      }
    },
  }
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  add(vector, text, ownShare)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) add(vector, word, 1)
  return normalize(vector)
}

function add(vector: Float32Array, seed: string, weight: number): void {
  const random = createRandom('embedding', seed)
  for (const [index, value] of vector.entries()) vector[index] = value + weight * (random() - 0.5)
}
