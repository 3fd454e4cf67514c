import type { Row } from './columns.ts'
import { hashJson } from './hash.ts'
import { modelParams } from './model-param.ts'
import type { ModelIdentity } from './registry.ts'
import type { StepSpec } from './spec.ts'

/** Everything that decides what a step does; neither its place nor its pace. */
export interface Signed {
  readonly step: StepSpec
  readonly params: Row
  /** Parameters that no result depends on. */
  readonly unsigned: readonly string[]
  /** The step's model. */
  readonly model: ModelIdentity | undefined
  /** What stands for the code of the model's type, where that is not built in. */
  readonly modelCode?: string | undefined
  readonly code: string
}

/**
 * A step's signature: SHA-256 over its type, parameters, mapping and code.
 *
 * Keys, concurrency, batch sizes, limits and what comes before the step are no part of it.
 */
export function signStep({ step, params, unsigned, model, modelCode, code }: Signed): string {
  const excluded = new Set([
    ...unsigned,
    ...(model === undefined ? [] : Object.values(modelParams)),
  ])
  return hashJson({
    signature: 1,
    type: step.type,
    code,
    params: Object.fromEntries(Object.entries(params).filter(([name]) => !excluded.has(name))),
    inputs: step.inputs ?? {},
    outputs: step.outputs ?? {},
    llm:
      model === undefined
        ? null
        : {
            provider: model.provider,
            model: model.model,
            parameters: model.parameters,
            ...(modelCode === undefined ? {} : { code: modelCode }),
          },
  })
}
