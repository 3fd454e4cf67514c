import { z } from 'zod'

import type {
  GenerationKwargs,
  LLMLimits,
  LLMPrices,
  LLMSpec,
  ModelSpec,
} from '../core/llm-spec.ts'
import type { Environment } from '../core/environment.ts'
import { isObject } from '../core/json.ts'
import type { JsonObject, JsonValue } from '../core/json.ts'

import { type LLMDefinition, toLLMDefinition } from './model-definition.ts'
import { type LLMTimeouts, generationKwargsShape, timeoutsSchema } from './model-params.ts'
import { mistral, mistralLLM } from './mistral/mistral-llm.ts'
import { openAILLM, openai } from './openai/openai-llm.ts'
import { simulated, simulatedLLM } from './simulated/simulated-llm.ts'
import { toModelSpec } from './to-model-spec.ts'

/** Parameters of {@link llmFromEnvironment}. */
export interface LLMFromEnvironmentOptions {
  readonly generationKwargs?: GenerationKwargs
  readonly limits?: LLMLimits
  /** What the model's tokens cost, unless it is simulated. */
  readonly prices?: LLMPrices
  readonly timeouts?: LLMTimeouts
}

const type = 'LLMFromEnvironment'

const params = z.strictObject({
  generationKwargs: z.strictObject(generationKwargsShape).optional(),
  timeouts: timeoutsSchema.optional(),
})

const ownChecks = toLLMDefinition({
  type,
  factory: 'llmFromEnvironment',
  description: "Mistral's or OpenAI's small model, by the key that is set, else a simulated one.",
  params,
  identity: () => ({ provider: 'environment', model: '', parameters: {} }),
  create: () => Promise.reject(new TypeError(`${type} is resolved before it is made live`)),
})

/**
 * The code of `LLMFromEnvironment`, which is good for checks and for tasks on their own: a run
 * freezes in its plan what {@link resolveModel} makes of it.
 */
export const llmFromEnvironmentDefinition: LLMDefinition = {
  ...ownChecks,
  create(spec, environment) {
    const resolved = resolveModel(spec, environment)
    return definitionOf(resolved).create(resolved, environment)
  },
}

/**
 * Names the model that the environment has a key for: Mistral's small one, else OpenAI's small one
 * (at `OPENAI_BASE_URL`, where that is set), else a simulated one that needs none.
 */
export function llmFromEnvironment(options: LLMFromEnvironmentOptions = {}): LLMSpec {
  return toModelSpec(llmFromEnvironmentDefinition, options)
}

/** Turns `LLMFromEnvironment` into the model that it stands for, also within a model that asks several; others stay as they are. */
export function resolveModel(spec: ModelSpec, environment: Environment): ModelSpec {
  if (spec.type === 'MixtureOfAgentsLLM') return withResolvedParts(spec, environment)
  if (spec.type !== type) return spec
  const options: LLMFromEnvironmentOptions = {
    ...spec.params,
    ...(spec.limits === undefined ? {} : { limits: spec.limits }),
    ...(spec.prices === undefined ? {} : { prices: spec.prices }),
  }
  if (isSet(environment['MISTRAL_API_KEY']))
    return mistral({ model: 'mistral-small-latest', ...options })
  const baseURL = environment['OPENAI_BASE_URL']
  if (isSet(environment['OPENAI_API_KEY']))
    return openai({ model: 'gpt-4o-mini', ...(baseURL ? { baseURL } : {}), ...options })
  return simulated(spec.limits === undefined ? {} : { limits: spec.limits })
}

function withResolvedParts(spec: ModelSpec, environment: Environment): ModelSpec {
  const { aggregator, proposers } = spec.params
  const resolve = (part: JsonValue): JsonValue =>
    isObject(part) && part['type'] === type
      ? // What a factory makes is JSON.
        ({ ...resolveModel({ type, params: {}, ...part }, environment) } as unknown as JsonObject)
      : part
  return {
    ...spec,
    params: {
      ...spec.params,
      ...(aggregator === undefined ? {} : { aggregator: resolve(aggregator) }),
      ...(Array.isArray(proposers) ? { proposers: proposers.map(resolve) } : {}),
    },
  }
}

function definitionOf(spec: ModelSpec): LLMDefinition {
  const found = [mistralLLM, openAILLM].find((definition) => definition.type === spec.type)
  return found ?? simulatedLLM
}

function isSet(value: string | undefined): boolean {
  return (value?.trim() ?? '') !== ''
}
