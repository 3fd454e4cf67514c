import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'
import type { ModelCapabilities } from '../../core/model-capabilities.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import type { OpenAIDialect } from './openai-dialect.ts'
import {
  type CompletionsOptions,
  type LogprobKwargs,
  type SamplingKwargs,
  type ServerGenerationKwargs,
  samplingKwargsShape,
} from './openai-params.ts'

/** Parameters of generation of {@link vLLM}. */
export interface VLLMGenerationKwargs
  extends ServerGenerationKwargs, LogprobKwargs, SamplingKwargs {
  /** Least tokens of an answer. */
  readonly minTokens?: number
  /** Tokens that end an answer, by number. */
  readonly stopTokenIds?: readonly number[]
  /** Whether the text that ends an answer is part of it. */
  readonly includeStopStrInOutput?: boolean
  /** Whether tokens such as the end of a turn are left out of the text; `true` by default. */
  readonly skipSpecialTokens?: boolean
  /** Whether a raw prompt gets the tokens that texts begin with; `true` by default, `false` with a `chatTemplate`. */
  readonly addSpecialTokens?: boolean
  /** Goes on past the token that ends an answer. */
  readonly ignoreEos?: boolean
  /** Token to what is added to its likelihood. */
  readonly logitBias?: Readonly<Record<string, number>>
  /** What the chat template is given, such as `{ enable_thinking: false }`. */
  readonly chatTemplateKwargs?: JsonObject
}

/** Parameters of {@link vLLM}. */
export interface VLLMOptions extends CompletionsOptions<VLLMGenerationKwargs> {
  /** `http://127.0.0.1:8000/v1` by default. */
  readonly baseURL?: string
}

/** Where a vLLM server listens, unless it is told otherwise. */
export const vLLMBaseURL = 'http://127.0.0.1:8000/v1'

/** What a vLLM server can do. */
export const vLLMCapabilities: Partial<ModelCapabilities> = {
  completions: true,
  structured: ['json-schema', 'regex', 'tool', 'instructions'],
  mostChoices: 128,
  images: true,
  logprobs: true,
  reasoning: true,
}

/** How a vLLM server is spoken to. */
export const vLLMDialect: Partial<Omit<OpenAIDialect, 'capabilities'>> = {
  patternMember: 'structured_outputs',
  promptSchemaMember: 'response_format',
  // A template writes the tokens that a text begins with.
  renderedMembers: { add_special_tokens: false },
}

/** JSON Schema of what {@link VLLMGenerationKwargs} adds, member by member. */
export const vLLMKwargsShape = {
  ...samplingKwargsShape,
  minTokens: z.int().min(0).optional().describe('Fewest tokens of an answer.'),
  stopTokenIds: z
    .array(z.int().min(0))
    .optional()
    .describe('Tokens that end an answer, by number.'),
  includeStopStrInOutput: z
    .boolean()
    .optional()
    .describe('Whether a stop text stays at the end of the answer.'),
  skipSpecialTokens: z
    .boolean()
    .optional()
    .describe('Whether special tokens are left out of texts.'),
  addSpecialTokens: z
    .boolean()
    .optional()
    .describe('Whether special tokens are put before a prompt.'),
  ignoreEos: z
    .boolean()
    .optional()
    .describe('Whether answers go on behind the token that ends them.'),
  logitBias: z
    .record(z.string(), z.number())
    .optional()
    .describe('Tokens by number, with what is added to their likeliness.'),
  chatTemplateKwargs: z
    .record(z.string(), z.json())
    .optional()
    .describe('What the chat template is told, such as whether to think.'),
}

/** The code of `vLLM`. */
export const vLLMDefinition = defineOpenAILLM({
  type: 'vLLM',
  factory: 'vLLM',
  description: 'A model that a vLLM server serves.',
  baseURL: vLLMBaseURL,
  capabilities: vLLMCapabilities,
  dialect: vLLMDialect,
  kwargsShape: vLLMKwargsShape,
})

/**
 * Names a model that a vLLM server serves.
 *
 * It wants no key, unless `apiKeyEnv` names the variable of one. Answers are held to JSON Schemas of any kind and,
 * from vLLM 0.11 on, to regular expressions.
 */
export function vLLM(options: VLLMOptions): LLMSpec {
  return toModelSpec(vLLMDefinition, options)
}
