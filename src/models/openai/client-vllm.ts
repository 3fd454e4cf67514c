import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { defineOpenAILLM } from './define-openai-llm.ts'
import {
  type VLLMOptions,
  vLLMBaseURL,
  vLLMCapabilities,
  vLLMDialect,
  vLLMKwargsShape,
} from './vllm.ts'

/** Parameters of {@link clientVLLM}. */
export interface ClientVLLMOptions extends Omit<VLLMOptions, 'model'> {
  /**
   * The model's name on the server; by default the first that the server lists, which is asked for when the model
   * is first used. Answers then count as those of the server, whichever model it serves.
   */
  readonly model?: string
}

const anyModel = '(whichever is served)'

/** The code of `ClientvLLM`. */
export const clientVLLMDefinition = defineOpenAILLM({
  type: 'ClientvLLM',
  factory: 'clientVLLM',
  description: 'Whichever model a vLLM server serves.',
  baseURL: vLLMBaseURL,
  capabilities: vLLMCapabilities,
  dialect: vLLMDialect,
  kwargsShape: vLLMKwargsShape,
  paramsShape: {
    model: z
      .string()
      .min(1)
      .default(anyModel)
      .describe('Which model the server is asked for; whichever it serves by default.'),
  },
  async createLive(options, { model }) {
    const { createOpenAIChat } = await import('./openai-chat.ts')
    if (model !== anyModel) return createOpenAIChat(options)
    const { createServedChat } = await import('./served-chat.ts')
    return createServedChat(options)
  },
})

/**
 * Names the model of a vLLM server that runs already, whichever it serves.
 *
 * It wants no key, unless `apiKeyEnv` names the variable of one. With `chatTemplate`, conversations become raw
 * prompts here and go to the server's completions.
 */
export function clientVLLM(options: ClientVLLMOptions = {}): LLMSpec {
  return toModelSpec(clientVLLMDefinition, options)
}
