import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import type { ServerGenerationKwargs, ServerOptions } from './openai-params.ts'

/** Parameters of generation of {@link groq}; a `stop` has at most 4 texts. */
export interface GroqGenerationKwargs extends ServerGenerationKwargs {
  /** How a model that thinks shows it: apart from the answer, within it, or not at all. */
  readonly reasoningFormat?: 'parsed' | 'raw' | 'hidden'
  /** Whether models of the family of GPT-OSS show what they thought; they take no `reasoningFormat`. */
  readonly includeReasoning?: boolean
  /** How fast an answer has to be. */
  readonly serviceTier?: 'auto' | 'on_demand' | 'flex' | 'performance'
}

/** Parameters of {@link groq}. */
export interface GroqOptions extends ServerOptions<GroqGenerationKwargs> {
  /** `https://api.groq.com/openai/v1` by default. */
  readonly baseURL?: string
}

/** The code of `GroqLLM`. */
export const groqLLM = defineOpenAILLM({
  type: 'GroqLLM',
  factory: 'groq',
  description: 'Models at Groq.',
  baseURL: 'https://api.groq.com/openai/v1',
  keyVariable: 'GROQ_API_KEY',
  capabilities: {
    structured: ['json-schema', 'tool', 'instructions'],
    batch: true,
    images: true,
    reasoning: true,
  },
  dialect: { wantsStrictSchemas: true },
  wantsCompletionTokens: true,
  kwargsShape: {
    reasoningFormat: z
      .enum(['parsed', 'raw', 'hidden'])
      .optional()
      .describe('Whether what was thought comes apart from the answer, within it, or not at all.'),
    includeReasoning: z
      .boolean()
      .optional()
      .describe('Whether models of the family of GPT-OSS show what they thought.'),
    serviceTier: z
      .enum(['auto', 'on_demand', 'flex', 'performance'])
      .optional()
      .describe('How fast an answer has to be.'),
  },
})

/**
 * Names a model at Groq.
 *
 * The key is read from the environment variable `GROQ_API_KEY`, or the one that `apiKeyEnv` names, when the model
 * is first used. One call gives one answer, and no log-probabilities. Only some models take a JSON Schema;
 * `structuredMode: 'tool'` holds the others to one. Batch jobs are those of OpenAI's API, at half the price.
 */
export function groq(options: GroqOptions): LLMSpec {
  return toModelSpec(groqLLM, options)
}
