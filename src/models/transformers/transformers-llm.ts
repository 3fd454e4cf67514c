import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs, LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import { defaultMaxNewTokens } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import {
  type TransformersParams,
  identityOf,
  nameOf,
  toLoadOptions,
  transformersKwargs,
  transformersShape,
} from './transformers-params.ts'

/** Generation parameters of {@link transformers}; the model's `generation_config.json` says what is left out. */
export interface TransformersKwargs extends GenerationKwargs {
  /** Likeliest tokens to draw from; 0 for all. */
  readonly topK?: number
  /** Least probability of a token, as a share of the likeliest's. */
  readonly minP?: number
  /** Above 1, makes tokens of prompt and answer less likely to come again. */
  readonly repetitionPenalty?: number
  /** Whether to draw at all; `false` takes the likeliest token each time. */
  readonly doSample?: boolean
}

/** Parameters of {@link transformers}. */
export interface TransformersOptions extends TransformersParams {
  /** In the place of the model's own chat template: a Jinja template, or a family of models such as `llama3`. */
  readonly chatTemplate?: string
  readonly generationKwargs?: TransformersKwargs
}

const params = z.strictObject({
  ...transformersShape,
  chatTemplate: z
    .string()
    .min(1)
    .optional()
    .describe("In the place of the model's own: a Jinja template, or a family such as llama3."),
  generationKwargs: z.strictObject(transformersKwargs.shape).optional(),
})

/** The code of `TransformersLLM`. */
export const transformersLLM = toLLMDefinition({
  type: 'TransformersLLM',
  factory: 'transformers',
  description: "ONNX weights, in a thread of the worker's own process.",
  params,
  peer: '@huggingface/transformers',
  capabilities: { completions: true, reasoning: true },
  identity: (given) => ({
    provider: 'transformers.js',
    model: given.model,
    parameters: {
      ...identityOf(given),
      ...withDefaults(given),
      ...(given.chatTemplate === undefined ? {} : { chatTemplate: given.chatTemplate }),
    },
  }),
  async create(given, { environment }) {
    const { createTransformersChat } = await import('./transformers-chat.ts')
    return await createTransformersChat({
      model: nameOf(given.model),
      load: toLoadOptions('TransformersLLM', 'text-generation', given, environment),
      environment,
      chatTemplate: given.chatTemplate,
      parameters: withDefaults(given),
    })
  },
})

/**
 * Names a model with ONNX weights, which runs in a thread of the worker's own process through transformers.js.
 *
 * It needs the package `@huggingface/transformers` and no server. A name on the Hub is downloaded at its first use, with
 * the key in `HF_TOKEN` where the model is not public and from `HF_ENDPOINT` where that is another; a folder (`./model`
 * or an absolute path) is read and nothing is asked for. It writes one answer at a time. A prompt longer than the model
 * was made for is rejected with `context-length`; forms of answers are asked for in words.
 */
export function transformers(options: TransformersOptions): LLMSpec {
  return toModelSpec(transformersLLM, options)
}

function withDefaults({ generationKwargs }: z.output<typeof params>): JsonObject {
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens: defaultMaxNewTokens, ...generationKwargs }
}
