import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import {
  type CompletionsOptions,
  type LogprobKwargs,
  type SamplingKwargs,
  type ServerGenerationKwargs,
  samplingKwargsShape,
} from './openai-params.ts'

/** Parameters of generation of {@link mlx}. */
export interface MlxGenerationKwargs extends ServerGenerationKwargs, LogprobKwargs, SamplingKwargs {
  /** How many tokens back `repetitionPenalty` looks; 20 by default. */
  readonly repetitionContextSize?: number
  readonly xtcProbability?: number
  readonly xtcThreshold?: number
  /** Token to what is added to its likelihood. */
  readonly logitBias?: Readonly<Record<string, number>>
  /** A folder on the server with a low-rank adapter. */
  readonly adapters?: string
  /** A smaller model that guesses ahead. */
  readonly draftModel?: string
  readonly numDraftTokens?: number
  /** What the chat template is given, such as `{ enable_thinking: false }`. */
  readonly chatTemplateKwargs?: JsonObject
}

/** Parameters of {@link mlx}. */
export interface MlxOptions extends CompletionsOptions<MlxGenerationKwargs> {
  /** A repository of the hub or a folder on the server. */
  readonly model: string
  /** `http://127.0.0.1:8080/v1` by default. */
  readonly baseURL?: string
}

/** The code of `MlxLLM`. */
export const mlxLLM = defineOpenAILLM({
  type: 'MlxLLM',
  factory: 'mlx',
  description: 'A model that MLX serves on a Mac.',
  baseURL: 'http://127.0.0.1:8080/v1',
  capabilities: {
    completions: true,
    structured: ['instructions'],
    logprobs: true,
    reasoning: true,
  },
  dialect: { startsPrompts: true, flagsPromptLogprobs: true },
  kwargsShape: {
    ...samplingKwargsShape,
    repetitionContextSize: z
      .int()
      .min(0)
      .optional()
      .describe('How far back repetitions are looked for.'),
    xtcProbability: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('How often the likeliest tokens are left out.'),
    xtcThreshold: z
      .number()
      .min(0)
      .max(0.5)
      .optional()
      .describe('From which probability tokens count as likeliest there.'),
    logitBias: z
      .record(z.string(), z.number())
      .optional()
      .describe('Tokens by number, with what is added to their likeliness.'),
    adapters: z.string().min(1).optional().describe('Path of adapters of the model.'),
    draftModel: z.string().min(1).optional().describe('A smaller model that drafts answers.'),
    numDraftTokens: z.int().min(0).optional().describe('How many tokens are drafted at once.'),
    chatTemplateKwargs: z
      .record(z.string(), z.json())
      .optional()
      .describe('What the chat template is told, such as whether to think.'),
  },
})

/**
 * Names a model that MLX serves on a Mac, by `mlx_lm.server`.
 *
 * It wants no key. One call gives one answer, and the server answers one call after another. Answers are held to a
 * form in words alone, and up to 10 `topLogprobs` are told.
 */
export function mlx(options: MlxOptions): LLMSpec {
  return toModelSpec(mlxLLM, options)
}
