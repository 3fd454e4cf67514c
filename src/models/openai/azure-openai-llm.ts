import { z } from 'zod'

import type { LLMSpec } from '../../core/llm-spec.ts'

import { toModelSpec } from '../to-model-spec.ts'
import { type OpenAIParams, defineOpenAILLM } from './define-openai-llm.ts'
import { type OpenAIGenerationKwargs, mostOpenAIChoices, openAIKwargsShape } from './openai-llm.ts'
import type { CompletionsOptions } from './openai-params.ts'

/** Parameters of {@link azureOpenAI}. */
export interface AzureOpenAIOptions extends Omit<
  CompletionsOptions<OpenAIGenerationKwargs>,
  'baseURL'
> {
  /** The model's name as OpenAI has it, which tells what it takes. */
  readonly model: string
  /** The resource's address: `https://<name>.openai.azure.com`. */
  readonly endpoint: string
  /** The deployment's name; the model's by default. */
  readonly deployment?: string
  /** The version of the API, such as `2024-10-21`; Azure's API without versions, under `/openai/v1`, by default. */
  readonly apiVersion?: string
}

interface Params extends OpenAIParams {
  readonly endpoint: string
  readonly deployment?: string | undefined
  readonly apiVersion?: string | undefined
}

/** The code of `AzureOpenAILLM`. */
export const azureOpenAILLM = defineOpenAILLM<Params>({
  type: 'AzureOpenAILLM',
  factory: 'azureOpenAI',
  description: "OpenAI's models that Azure has deployed.",
  keyVariable: 'AZURE_OPENAI_API_KEY',
  capabilities: {
    completions: true,
    structured: ['json-schema', 'tool', 'instructions'],
    mostChoices: 128,
    images: true,
    logprobs: true,
    reasoning: true,
  },
  dialect: { wantsStrictSchemas: true },
  paramsShape: {
    endpoint: z
      .url({ protocol: /^https?$/ })
      .describe("The resource's address: https://<name>.openai.azure.com."),
    deployment: z
      .string()
      .min(1)
      .optional()
      .describe("The deployment's name; the model's by default."),
    apiVersion: z
      .string()
      .min(1)
      .optional()
      .describe("The version of the API; Azure's API without versions by default."),
  },
  kwargsShape: openAIKwargsShape,
  identityParams: ['deployment'],
  mostChoices: mostOpenAIChoices,
  connect({ model, endpoint, deployment = model, apiVersion }) {
    const resource = endpoint.replace(/\/+$/, '').replace(/\/openai(\/v1)?$/, '')
    const shared = { wireModel: deployment, keyHeader: 'api-key' }
    if (apiVersion === undefined) return { ...shared, baseURL: `${resource}/openai/v1` }
    return {
      ...shared,
      baseURL: `${resource}/openai/deployments/${encodeURIComponent(deployment)}`,
      query: { 'api-version': apiVersion },
    }
  },
})

/**
 * Names a model of OpenAI that Azure has deployed.
 *
 * The key is read from the environment variable `AZURE_OPENAI_API_KEY`, or the one that `apiKeyEnv` names,
 * when the model is first used. One call gives up to 128 answers, 8 where the model thinks.
 */
export function azureOpenAI(options: AzureOpenAIOptions): LLMSpec {
  return toModelSpec(azureOpenAILLM, options)
}
