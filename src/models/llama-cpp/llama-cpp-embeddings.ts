import { basename } from 'node:path'

import { z } from 'zod'

import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import { toEmbeddingsDefinition } from '../model-definition.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { type GGUFParams, ggufShape } from './llama-cpp-params.ts'

/** Parameters of {@link llamaCppEmbeddings}. */
export interface LlamaCppEmbeddingsOptions extends Omit<GGUFParams, 'batchSize'> {
  /** Whether vectors are brought to length 1; `false` by default. */
  readonly normalizeEmbeddings?: boolean
}

const { batchSize: _, ...shape } = ggufShape

const params = z.strictObject({
  ...shape,
  normalizeEmbeddings: z.boolean().default(false).describe('Brings vectors to length 1.'),
})

/** The code of `LlamaCppEmbeddings`. */
export const llamaCppEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'LlamaCppEmbeddings',
  factory: 'llamaCppEmbeddings',
  description: "A GGUF file, in the worker's own process.",
  params,
  peer: 'node-llama-cpp',
  identity: ({ model, modelPath, contextSize, normalizeEmbeddings }) => ({
    provider: 'llama.cpp',
    model: model ?? modelPath,
    parameters: { normalizeEmbeddings, ...(contextSize === undefined ? {} : { contextSize }) },
  }),
  async create(given) {
    const { createLlamaCppEmbedder } = await import('./llama-cpp-embedder.ts')
    return await createLlamaCppEmbedder({
      ...given,
      model: given.model ?? basename(given.modelPath, '.gguf'),
    })
  },
})

/**
 * Names a model in a GGUF file that turns texts into vectors in the worker's own process, through llama.cpp.
 *
 * It needs the package `node-llama-cpp`, no key and no server; nothing is downloaded or compiled. A text is pooled as
 * the file says, and by its last token where it does not. What does not fit into `contextSize` tokens (by default what
 * the model was made for, 4,096 at most) is cut off.
 */
export function llamaCppEmbeddings(options: LlamaCppEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(llamaCppEmbeddingsDefinition, options)
}
