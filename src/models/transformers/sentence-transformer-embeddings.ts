import { z } from 'zod'

import { RetortError } from '../../core/errors.ts'
import type { EmbeddingsSpec } from '../../core/llm-spec.ts'
import { nearestName } from '../../core/names.ts'

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

/** Parameters of {@link sentenceTransformerEmbeddings}. */
export interface SentenceTransformerEmbeddingsOptions extends TransformersParams {
  /** Texts that stand before others, by name, such as `{ query: 'query: ' }`. */
  readonly prompts?: Readonly<Record<string, string>>
  /** Which of `prompts` stands before each text; none by default. */
  readonly defaultPromptName?: string
  /** Numbers of a vector that are kept, for models that put the most important first; all by default. */
  readonly truncateDim?: number
  /** Whether vectors are brought to length 1, which they are by default. */
  readonly normalizeEmbeddings?: boolean
  /** How the vectors of a text's tokens become one: their `mean` by default, that of the first (`cls`) or of the `last`. */
  readonly pooling?: 'mean' | 'cls' | 'last'
}

const type = 'SentenceTransformerEmbeddings'

const params = z.strictObject({
  ...transformersShape,
  prompts: z.record(z.string(), z.string()).optional().describe('Texts before others, by name.'),
  defaultPromptName: z.string().optional().describe('Which prompt stands before each text.'),
  truncateDim: z.int().min(1).optional().describe('Numbers of a vector that are kept.'),
  normalizeEmbeddings: z.boolean().default(true).describe('Brings vectors to length 1.'),
  pooling: poolingSchema,
})

/** The code of `SentenceTransformerEmbeddings`. */
export const sentenceTransformerEmbeddingsDefinition = toEmbeddingsDefinition({
  type,
  factory: 'sentenceTransformerEmbeddings',
  description: "Models of sentence-transformers with ONNX weights, in the worker's own process.",
  params,
  peer: '@huggingface/transformers',
  identity: (given) => ({
    provider: 'transformers.js',
    model: given.model,
    parameters: {
      ...identityOf(given),
      pooling: given.pooling,
      normalize: given.normalizeEmbeddings,
      ...(prefixOf(given) === '' ? {} : { prefix: prefixOf(given) }),
      ...(given.truncateDim === undefined ? {} : { truncateDim: given.truncateDim }),
    },
  }),
  async create(given, { environment }) {
    const { createTransformersEmbedder } = await import('./transformers-embedder.ts')
    return await createTransformersEmbedder({
      model: nameOf(given.model),
      load: toLoadOptions(type, 'feature-extraction', given, environment),
      environment,
      pooling: given.pooling,
      normalizes: given.normalizeEmbeddings,
      prefix: prefixOf(given),
      dimensions: given.truncateDim,
    })
  },
})

/**
 * Names a model of Sentence Transformers, which transformers.js runs in a thread of the worker's own process.
 *
 * It needs the package `@huggingface/transformers`, and ONNX weights beside the model's own. Prompts and pooling are not
 * read from the model's files: they are as these parameters say.
 */
export function sentenceTransformerEmbeddings(
  options: SentenceTransformerEmbeddingsOptions,
): EmbeddingsSpec {
  return toModelSpec(sentenceTransformerEmbeddingsDefinition, options)
}

function prefixOf({ model, prompts = {}, defaultPromptName }: z.output<typeof params>): string {
  if (defaultPromptName === undefined) return ''
  const prefix = prompts[defaultPromptName]
  if (prefix !== undefined) return prefix
  throw new RetortError(
    'parameter-invalid',
    `${type} '${nameOf(model)}' has no prompt '${defaultPromptName}', which defaultPromptName names. ${nearestName(defaultPromptName, Object.keys(prompts))}`,
  )
}
