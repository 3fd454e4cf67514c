import { z } from 'zod'

import type { EmbeddingsSpec } from '../../core/llm-spec.ts'

import { toEmbeddingsDefinition } from '../model-definition.ts'
import { toModelSpec } from '../to-model-spec.ts'
import {
  type TransformersParams,
  identityOf,
  nameOf,
  poolingSchema,
  toLoadOptions,
  transformersShape,
} from './transformers-params.ts'

/** Parameters of {@link transformersEmbeddings}. */
export interface TransformersEmbeddingsOptions extends TransformersParams {
  /** How the vectors of a text's tokens become one: their `mean` by default, that of the first (`cls`) or of the `last`. */
  readonly pooling?: 'mean' | 'cls' | 'last'
  /** Whether vectors are brought to length 1; `false` by default. */
  readonly normalize?: boolean
  /** What stands before each text, such as `query: ` where a model wants it. */
  readonly prefix?: string
}

const params = z.strictObject({
  ...transformersShape,
  pooling: poolingSchema,
  normalize: z.boolean().default(false).describe('Brings vectors to length 1.'),
  prefix: z.string().default('').describe('What stands before each text.'),
})

/** The code of `TransformersEmbeddings`. */
export const transformersEmbeddingsDefinition = toEmbeddingsDefinition({
  type: 'TransformersEmbeddings',
  factory: 'transformersEmbeddings',
  description: "ONNX weights, in a thread of the worker's own process.",
  params,
  peer: '@huggingface/transformers',
  identity: ({ pooling, normalize, prefix, ...given }) => ({
    provider: 'transformers.js',
    model: given.model,
    parameters: { ...identityOf(given), pooling, normalize, ...(prefix === '' ? {} : { prefix }) },
  }),
  async create(given, { environment }) {
    const { createTransformersEmbedder } = await import('./transformers-embedder.ts')
    return await createTransformersEmbedder({
      model: nameOf(given.model),
      load: toLoadOptions('TransformersEmbeddings', 'feature-extraction', given, environment),
      environment,
      pooling: given.pooling,
      normalizes: given.normalize,
      prefix: given.prefix,
    })
  },
})

/**
 * Names a model with ONNX weights that turns texts into vectors, in a thread of the worker's own process through
 * transformers.js.
 *
 * It needs the package `@huggingface/transformers` and no server; where its files come from is as with `transformers`.
 * What is longer than the model reads is cut off.
 */
export function transformersEmbeddings(options: TransformersEmbeddingsOptions): EmbeddingsSpec {
  return toModelSpec(transformersEmbeddingsDefinition, options)
}
