import type { ModelSpec } from '../../core/llm-spec.ts'
import { modelIn } from '../../core/model-param.ts'
import { isRetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Environment } from '../../core/environment.ts'
import type { ModelType, Registry } from '../../core/registry.ts'
import { resolvePipeline } from '../../core/resolve-pipeline.ts'
import type { ResolvedStep } from '../../core/resolve-pipeline.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'
import type { AnyDefinition, ColumnSchemas } from '../../core/step.ts'

/** A pipeline that is only looked at. */
export interface LookedAt {
  readonly spec: PipelineSpec
  readonly registry: Registry
}

/** What looking at it takes beside. */
export interface LookedAtOptions {
  readonly environment: Environment
  readonly sourceColumns?: Readonly<Record<string, ColumnSchemas>>
}

/** A pipeline's steps, with what a run would refuse and looking at it does not need. */
export interface ResolvedLook {
  readonly steps: readonly ResolvedStep[]
  readonly notes: readonly string[]
}

/**
 * Resolves a pipeline as a run would, with models that the environment chooses, but also where their keys are missing.
 *
 * @throws RetortError with the verdict `invalid` for the first thing else that is wrong
 */
export function resolveToLook(
  { spec, registry }: LookedAt,
  { environment, sourceColumns }: LookedAtOptions,
): ResolvedLook {
  const notes = new Set<string>()
  const models = new Map(
    [...registry.models].map(([type, model]) => [
      type,
      { ...model, definition: withoutKeys(model.definition, (note) => notes.add(note)) },
    ]),
  )
  const lookedAt = new Map(
    [...registry.steps].map(([type, step]) => [
      type,
      { ...step, definition: withoutToken(step.definition, (note) => notes.add(note)) },
    ]),
  )
  const steps = resolvePipeline(
    { ...spec, steps: spec.steps.map((step) => withModel(step, registry, environment)) },
    {
      registry: { ...registry, models, steps: lookedAt },
      environment,
      ...(sourceColumns === undefined ? {} : { sourceColumns }),
    },
  )
  return { steps, notes: [...notes] }
}

/** A step with the model that the environment chooses, where it leaves that to the environment. */
function withModel(step: StepSpec, registry: Registry, environment: Environment): StepSpec {
  const asked = modelIn(step.params)
  if (asked === undefined || typeof asked.model['type'] !== 'string') return step
  // Its other members are checked when the step is resolved; what comes out is a model's JSON again.
  const chosen = registry.resolveModel(asked.model as unknown as ModelSpec, environment)
  return { ...step, params: { ...step.params, [asked.name]: chosen as unknown as JsonObject } }
}

function withoutKeys(model: ModelType, note: (sentence: string) => void): ModelType {
  return {
    ...model,
    check(spec, environment, stepName) {
      noteMissing(() => model.check(spec, environment, stepName), note)
    },
  }
}

function withoutToken<Definition extends AnyDefinition>(
  definition: Definition,
  note: (sentence: string) => void,
): Definition {
  if (definition.kind !== 'global' || definition.checkEnvironment === undefined) return definition
  const check = definition.checkEnvironment
  return {
    ...definition,
    checkEnvironment(environment: Environment, stepName: string) {
      noteMissing(() => check(environment, stepName), note)
    },
  }
}

/** A run needs keys, looking at it does not. */
function noteMissing(check: () => void, note: (sentence: string) => void): void {
  try {
    check()
  } catch (error) {
    if (!isRetortError(error) || error.code !== 'key-missing') throw error
    note(error.message)
  }
}
