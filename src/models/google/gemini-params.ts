import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { GenerationKwargs } from '../../core/llm-spec.ts'
import type { ModelCapabilities, StructuredMode } from '../../core/model-capabilities.ts'

import {
  defaultMaxNewTokens,
  extraBodySchema,
  generationKwargsShape,
  thinkingMaxNewTokens,
} from '../model-params.ts'

/** How much a model of Google thinks before it answers, and whether it tells what. */
export interface GeminiThinkingConfig {
  /** Whether a summary of the thoughts comes along as the answer's reasoning. */
  readonly includeThoughts?: boolean
  /** Most tokens of thoughts of a model before Gemini 3: 0 for none, -1 for as many as it likes. */
  readonly thinkingBudget?: number
  /** How much a model since Gemini 3 thinks; it takes no budget. */
  readonly thinkingLevel?: 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'XHIGH'
}

/** What Google holds back of one kind of harm. */
export interface GeminiSafetySetting {
  /** `HARM_CATEGORY_HARASSMENT`, `HARM_CATEGORY_HATE_SPEECH`, … */
  readonly category: string
  /** `BLOCK_NONE`, `BLOCK_ONLY_HIGH`, `BLOCK_MEDIUM_AND_ABOVE`, `BLOCK_LOW_AND_ABOVE`, `OFF`. */
  readonly threshold: string
}

/** Parameters of generation of {@link gemini} and {@link vertexAI}. At most 5 `stop` texts; `temperature` up to 2. */
export interface GeminiGenerationKwargs extends GenerationKwargs {
  /** How many of the likeliest tokens to draw from. */
  readonly topK?: number
  /** Whether answers come with the log-probabilities of their tokens; not every model tells them. */
  readonly logprobs?: boolean
  /** How many of the likeliest tokens in a token's place come along, up to 20. */
  readonly topLogprobs?: number
  readonly thinkingConfig?: GeminiThinkingConfig
  readonly safetySettings?: readonly GeminiSafetySetting[]
  /** Members of the request's body that have no name here, as Google spells them: `tools`, `cachedContent`, `serviceTier`. */
  readonly extraBody?: JsonObject
}

const name = z.string().regex(/^[A-Z_]+$/)

/** JSON Schema of what {@link gemini} and {@link vertexAI} share beside their addresses. */
export const geminiShape = {
  generationKwargs: z
    .strictObject({
      ...generationKwargsShape,
      maxNewTokens: generationKwargsShape.maxNewTokens.describe(
        `Most tokens of thoughts and answer together; ${defaultMaxNewTokens} by default, ${thinkingMaxNewTokens} for models that think.`,
      ),
      stop: generationKwargsShape.stop.describe('Up to 5 texts that end an answer.'),
      topK: z.int().min(1).optional().describe('How many of the likeliest tokens to draw from.'),
      logprobs: z.boolean().optional().describe('Asks for log-probabilities of tokens.'),
      topLogprobs: z
        .int()
        .min(0)
        .max(20)
        .optional()
        .describe('How many of the likeliest tokens come along.'),
      thinkingConfig: z
        .strictObject({
          includeThoughts: z.boolean().optional().describe('Makes thoughts the reasoning.'),
          thinkingBudget: z
            .int()
            .min(-1)
            .optional()
            .describe('Most tokens of thoughts before Gemini 3: 0 for none, -1 for any.'),
          thinkingLevel: z
            .enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'])
            .optional()
            .describe('How much a model since Gemini 3 thinks.'),
        })
        .optional(),
      safetySettings: z
        .array(z.strictObject({ category: name, threshold: name }))
        .optional()
        .describe('What Google filters, by category.'),
      extraBody: extraBodySchema('Google'),
    })
    .optional(),
  structuredMode: z
    .enum(['json-schema', 'instructions'])
    .optional()
    .describe(
      'How answers are held to a schema; by default the schema itself, which Google reads.',
    ),
}

/** How Google's models are held to a form; others than these they don't know. */
export type GeminiStructuredMode = Extract<StructuredMode, 'json-schema' | 'instructions'>

/** What Google's models can do. */
export const geminiCapabilities: Partial<ModelCapabilities> = {
  structured: ['json-schema', 'instructions'],
  mostChoices: 8,
  images: true,
  logprobs: true,
  reasoning: true,
}

/** Parameters of generation with defaults filled in; what a model thinks is taken from what it may answer. */
export function withGeminiDefaults(
  model: string,
  kwargs: GeminiGenerationKwargs | undefined,
): JsonObject {
  const thinks = /gemini-(2\.5|[3-9])|-latest$/.test(model)
  const maxNewTokens = thinks ? thinkingMaxNewTokens : defaultMaxNewTokens
  // What the schema let through is JSON, but for members that are absent.
  return { maxNewTokens, ...(kwargs as JsonObject | undefined) }
}
