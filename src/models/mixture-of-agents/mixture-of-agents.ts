import type { LLMLimits, LLMSpec } from '../../core/llm-spec.ts'
import { modelCodeIn } from '../../core/own-models.ts'
import type { ModelType } from '../../core/registry.ts'

import { modelDefinitions } from '../model-definitions.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { defineMixtureOfAgents } from './define-mixture-of-agents.ts'

/** Parameters of {@link mixtureOfAgents}. */
export interface MixtureOfAgentsLLMOptions {
  /** The model that makes one answer of what the others proposed. */
  readonly aggregator: LLMSpec
  /** The models that answer first, side by side. */
  readonly proposers: readonly LLMSpec[]
  /** How often the proposers answer, each time knowing all answers of the time before; 1 by default. */
  readonly rounds?: number
  /** Limits of whole answers; the models within keep those that stand beside them. */
  readonly limits?: LLMLimits
}

/**
 * Names several models of which one answers with the help of the others.
 *
 * The proposers answer first; the aggregator is shown their answers and makes one of them. A proposer that refuses a
 * request, or has nothing to say, is done without. An answer takes a call of each proposer for each round and one of the
 * aggregator, whose tokens are added up. From {@link https://arxiv.org/abs/2406.04692 | Mixture-of-Agents Enhances Large
 * Language Model Capabilities}.
 */
export function mixtureOfAgents(options: MixtureOfAgentsLLMOptions): LLMSpec {
  const own = modelCodeIn(options).map((code) => [code.type, code] as const)
  return toModelSpec(
    defineMixtureOfAgents(() => new Map<string, ModelType>([...modelDefinitions, ...own])),
    options,
  )
}
