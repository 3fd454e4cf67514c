import type { JsonObject } from '../core/json.ts'
import type { LLMLimits, LLMPrices, LLMSpec, ModelKind, ModelSpec } from '../core/llm-spec.ts'
import { connectKey } from '../core/process-alone.ts'

import { connectLLM } from './connected-llm.ts'
import { type LLMDefinition, type ModelDefinition, modelKey } from './model-definition.ts'

/**
 * Makes the JSON that names a model, with the code of its type riding along unseen, so that a task
 * can be run alone.
 */
export function toModelSpec<Kind extends ModelKind>(
  definition: ModelDefinition<Kind>,
  options: object & { readonly limits?: LLMLimits; readonly prices?: LLMPrices },
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
  Object.defineProperty(spec, modelKey, { value: definition })
  Object.defineProperty(spec, connectKey, { value: connect })
  return spec
}
