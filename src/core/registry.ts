import { RetortError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { LLM, LLMSpec } from './llm-spec.ts'
import { nearestName } from './names.ts'
import type { AnyDefinition } from './step.ts'

/** What of a model decides its answers. */
export interface LLMIdentity {
  /** The `provider` parameter, or else origin and path of the address that is called. */
  readonly provider: string
  readonly model: string
  /** Parameters of generation. */
  readonly parameters: JsonObject
}

/** The code of one type of model. */
export interface LLMType {
  readonly type: string
  /** Whether its answers are made up. */
  readonly isSimulated: boolean
  /** @throws RetortError `parameter-unknown`, `parameter-invalid`, `key-in-spec`, `key-missing` */
  check(spec: LLMSpec, environment: Environment, stepName: string): void
  identity(spec: LLMSpec): LLMIdentity
  /** Name of the group of models that share the spec's limits. */
  limitGroup(spec: LLMSpec): string
  create(spec: LLMSpec, environment: Environment): Promise<LLM>
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A definition and what stands for its code in signatures. */
export interface RegisteredStep {
  readonly definition: AnyDefinition
  /** `version` of a built-in, or the hash of the code that it was loaded from. */
  readonly code: string
}

/** Every step type and model type that a process knows. */
export interface Registry {
  readonly steps: ReadonlyMap<string, RegisteredStep>
  readonly llms: ReadonlyMap<string, LLMType>
  /** Turns a model that stands for what the environment has a key for into that model. */
  resolveLLM(spec: LLMSpec, environment: Environment): LLMSpec
}

/** Adds a pipeline's own definitions to what is built in; a built-in type cannot be defined again. */
export function withDefinitions(
  registry: Registry,
  definitions: readonly AnyDefinition[],
  code: string,
): Registry {
  const steps = new Map(registry.steps)
  for (const definition of definitions) {
    const known = steps.get(definition.type)
    if (
      known?.definition === definition ||
      (known !== undefined && isSame(known.definition, definition))
    )
      continue
    if (known !== undefined)
      throw new RetortError(
        'spec-invalid',
        `Step type '${definition.type}' is defined twice; give one of the two another type.`,
      )
    const { version } = definition
    steps.set(definition.type, {
      definition,
      code: version === undefined ? code : `${code}/${version}`,
    })
  }
  return { ...registry, steps }
}

/** Whether two definitions are the same built-in, loaded by two copies of this package. */
function isSame(a: AnyDefinition, b: AnyDefinition): boolean {
  return a.kind === b.kind && a.version !== undefined && a.version === b.version
}

/** The code of a step type. @throws RetortError `step-type-unknown` with the nearest name */
export function stepOfType(registry: Registry, type: string, stepName: string): RegisteredStep {
  const found = registry.steps.get(type)
  if (found !== undefined) return found
  throw new RetortError(
    'step-type-unknown',
    `Step '${stepName}' has the type '${type}', which is not known here. ${nearestName(type, registry.steps.keys())}`,
  )
}

/** The code of a model type. @throws RetortError `step-type-unknown` with the nearest name */
export function llmOfType(registry: Registry, type: string, stepName: string): LLMType {
  const found = registry.llms.get(type)
  if (found !== undefined) return found
  throw new RetortError(
    'step-type-unknown',
    `The model of step '${stepName}' has the type '${type}', which is not known here. ${nearestName(type, registry.llms.keys())}`,
  )
}
