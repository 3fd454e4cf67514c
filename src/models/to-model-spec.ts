import type { JsonObject } from '../core/json.ts'
import type { LLMLimits, LLMPrices, LLMSpec, ModelKind, ModelSpec } from '../core/llm-spec.ts'
import { connectKey } from '../core/process-alone.ts'

import { connectLLM } from './connected-llm.ts'
import type { LLMDefinition, ModelDefinition } from './model-definition.ts'

/** What may stand beside the parameters of every model. */
export interface ModelSettings {
  readonly limits?: LLMLimits
  /** What its tokens cost, where the built-in table does not know or not say it right. */
  readonly prices?: LLMPrices
}

/**
 * Makes the JSON that names a model, with what makes it live riding along unseen, so that a task can be
 * run alone.
 */
export function toModelSpec<Kind extends ModelKind>(
  definition: ModelDefinition<Kind>,
  options: object & ModelSettings,
): ModelSpec<Kind> {
  const { limits, prices, ...given } = options
  // Factories take nothing but JSON values and absent ones, and these go here.
  const params = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as JsonObject
  const spec: ModelSpec<Kind> = {
    type: definition.type,
    params,
    ...(limits === undefined ? {} : { limits }),
    ...(prices === undefined ? {} : { prices }),
  }
  const connect = () =>
    connectLLM(definition as unknown as LLMDefinition, spec as LLMSpec, process.env)
  Object.defineProperty(spec, connectKey, { value: connect })
  return spec
}
