import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import { defaultMaxNewTokens, thinkingMaxNewTokens, toMilliseconds } from '../model-params.ts'
import type { LogprobKwargs, ServerGenerationKwargs } from '../openai/openai-params.ts'
import { logprobKwargsShape, serverKwargsShape } from '../openai/openai-params.ts'
import { toModelSpec } from '../to-model-spec.ts'
import type { InferenceEndpointOptions } from './endpoint-params.ts'
import {
  endpointKeyVariable,
  endpointModelOf,
  endpointProviderOf,
  inferenceEndpointShape,
  placeOf,
  wireModelOf,
  withOnePlace,
} from './endpoint-params.ts'

/** Parameters of generation of {@link inferenceEndpoints}; a `stop` has at most 4 texts. */
export interface InferenceEndpointsGenerationKwargs extends ServerGenerationKwargs, LogprobKwargs {
  /** How many of the likeliest tokens to draw from. */
  readonly topK?: number
  /** Makes what has been said less likely where it is above 1. */
  readonly repetitionPenalty?: number
  /** Share of the tokens to draw from that are as likely as usual; of text generation alone, as are those that follow. */
  readonly typicalP?: number
  /** Whether tokens are drawn, where nothing else says so; else the likeliest is taken. */
  readonly doSample?: boolean
  /** Whether the text is marked as made by a model, in its choice of words. */
  readonly watermark?: boolean
  /** How many of the likeliest tokens are told at each place, 5 at most. */
  readonly topNTokens?: number
}

/** Parameters of {@link inferenceEndpoints}. */
export interface InferenceEndpointsOptions extends InferenceEndpointOptions {
  /**
   * The template by which conversations become raw prompts, as a Jinja text or the name of a family of models such as
   * `llama3`; they then go to text generation.
   */
  readonly chatTemplate?: string
  /** The model of the Hub, or the folder, whose `tokenizer_config.json` has that template. */
  readonly tokenizerId?: string
  /** How answers are held to a form; as strongly as can be, by default. */
  readonly structuredMode?: 'json-schema' | 'regex' | 'tool' | 'instructions'
  readonly generationKwargs?: InferenceEndpointsGenerationKwargs
}

const params = withOnePlace(
  z.strictObject({
    ...inferenceEndpointShape,
    chatTemplate: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A Jinja template, or a family such as llama3: conversations go to text generation.',
      ),
    tokenizerId: z
      .string()
      .min(1)
      .optional()
      .describe('The model of the Hub, or the folder, that has that template.'),
    structuredMode: z
      .enum(['json-schema', 'regex', 'tool', 'instructions'])
      .optional()
      .describe('How answers are held to a form; the first of these that can be, by default.'),
    generationKwargs: z
      .strictObject({
        ...serverKwargsShape,
        ...logprobKwargsShape,
        stop: z
          .union([z.string(), z.array(z.string()).max(4)])
          .optional()
          .describe('Texts that end an answer, 4 at most.'),
        topK: z.int().min(1).optional().describe('How many of the likeliest tokens to draw from.'),
        repetitionPenalty: z
          .number()
          .positive()
          .optional()
          .describe('Makes what has been said less likely where it is above 1.'),
        typicalP: z
          .number()
          .positive()
          .max(1)
          .optional()
          .describe('Share of the tokens to draw from that are as surprising as is typical.'),
        doSample: z
          .boolean()
          .optional()
          .describe('Whether tokens are drawn, or the likeliest is taken.'),
        watermark: z
          .boolean()
          .optional()
          .describe('Whether the text is marked as made by a model.'),
        topNTokens: z
          .int()
          .min(0)
          .max(5)
          .optional()
          .describe('How many of the likeliest tokens to tell at each place.'),
      })
      .optional(),
  }),
)

type Given = z.output<typeof params>

/** The code of `InferenceEndpointsLLM`. */
export const inferenceEndpointsLLM = toLLMDefinition<Given>({
  type: 'InferenceEndpointsLLM',
  factory: 'inferenceEndpoints',
  description: "Models of Hugging Face: of its inference providers, or an endpoint of one's own.",
  params,
  capabilities: {
    completions: true,
    structured: ['json-schema', 'regex', 'tool', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  identity: (given) => ({
    provider: endpointProviderOf(given),
    model: endpointModelOf(given),
    parameters: {
      ...parametersOf(given),
      ...textsOf(given),
      ...(given.modelDisplayName === undefined ? {} : { modelId: wireModelOf(given) }),
    },
  }),
  keyVariable: endpointKeyVariable,
  async create(given, { environment, key, keyVariable }) {
    const { createInferenceEndpointsChat } = await import('./inference-endpoints-chat.ts')
    return await createInferenceEndpointsChat({
      type: 'InferenceEndpointsLLM',
      model: endpointModelOf(given),
      wireModel: wireModelOf(given),
      place: placeOf(given),
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      parameters: parametersOf(given),
      chatTemplate: given.chatTemplate,
      tokenizerId: given.tokenizerId,
      structuredMode: given.structuredMode,
    })
  },
})

/**
 * Names a model of Hugging Face: one that its inference providers serve, an endpoint of one's own, or any Text
 * Generation Inference.
 *
 * The key is read from the environment variable `HF_TOKEN`, or the one that `apiKeyEnv` names. Conversations go to the
 * chat completions that all of them have; raw prompts, and conversations that `chatTemplate` or `tokenizerId` makes raw
 * prompts of, to Text Generation Inference's own API, which holds answers to a JSON Schema or a regular expression by a
 * grammar. One call gives one answer.
 */
export function inferenceEndpoints(options: InferenceEndpointsOptions): LLMSpec {
  return toModelSpec(inferenceEndpointsLLM, options)
}

function parametersOf({ generationKwargs }: Given): JsonObject {
  const effort = generationKwargs?.reasoningEffort ?? 'none'
  return {
    maxNewTokens: effort === 'none' ? defaultMaxNewTokens : thinkingMaxNewTokens,
    ...generationKwargs,
  }
}

function textsOf({ chatTemplate, tokenizerId, structuredMode }: Given): JsonObject {
  return {
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    ...(tokenizerId === undefined ? {} : { tokenizerId }),
    ...(structuredMode === undefined ? {} : { structuredMode }),
  }
}
