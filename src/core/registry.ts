import type { Schema } from './columns.ts'
import type { Environment } from './environment.ts'
import { RetortError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { ConnectInner } from './inner-model.ts'
import type { LiveModel, ModelKind, ModelSpec } from './llm-spec.ts'
import type { ModelCapabilities } from './model-capabilities.ts'
import { modelParams } from './model-param.ts'
import { capitalized, nearestName } from './names.ts'
import type { RouteDefinition } from './route.ts'
import type { AnyDefinition } from './step.ts'

/** What of a model decides its answers. */
export interface ModelIdentity {
  /** The `provider` parameter, or else origin and path of the address that is called. */
  readonly provider: string
  readonly model: string
  /** Parameters of generation. */
  readonly parameters: JsonObject
}

/** The code of one type of model. */
export interface ModelType<Live extends LiveModel = LiveModel> {
  readonly type: string
  readonly kind: ModelKind
  /** Schema of its parameters. */
  readonly params?: Schema<object>
  /** Whether its answers are made up. */
  readonly isSimulated: boolean
  /** What one that answers can do. */
  readonly capabilities?: ModelCapabilities
  /** The optional package that it needs. */
  readonly peer?: string
  /** What it is, in a sentence. */
  readonly description?: string
  /** The function of this package that names such a model. */
  readonly factory?: string
  /** The environment variable of its key where nobody names another. */
  readonly usualKeyVariable?: string
  /** @throws RetortError `parameter-unknown`, `parameter-invalid`, `key-in-spec`, `key-missing` */
  check(spec: ModelSpec, environment: Environment, stepName: string): void
  identity(spec: ModelSpec): ModelIdentity
  /** Whether its server is known to have the batch jobs that its type can ask for; where it is left out, it is. */
  offersJobs?(spec: ModelSpec): boolean
  /** The models that one is made of which asks several; each has its own price. */
  parts?(spec: ModelSpec): readonly ModelSpec[]
  /** The same type where there are other types that one may be made of. */
  withModels?(models: ReadonlyMap<string, RegisteredModel>): ModelType
  /** Name of the group of models that share the spec's limits. */
  limitGroup(spec: ModelSpec): string
  /** @param connectInner - makes models within it live; without it they have limits of their own */
  create(spec: ModelSpec, environment: Environment, connectInner?: ConnectInner): Promise<Live>
}

/** A definition and what stands for its code in signatures. */
export interface RegisteredStep {
  readonly definition: AnyDefinition
  /** `version` of a built-in, or the hash of the code that it was loaded from. */
  readonly code: string
}

/** A route's definition and what stands for its code in signatures. */
export interface RegisteredRoute {
  readonly definition: RouteDefinition
  /** As that of a step. */
  readonly code: string
}

/** A type of model and, where it is not built in, what stands for its code in signatures. */
export interface RegisteredModel {
  readonly definition: ModelType
  /** As that of a step. */
  readonly code?: string
}

/** What of a pipeline's own code has a type. */
export type AnyCode = AnyDefinition | RouteDefinition | ModelType

/** Every type of step, route and model that a process knows. */
export interface Registry {
  readonly steps: ReadonlyMap<string, RegisteredStep>
  readonly routes: ReadonlyMap<string, RegisteredRoute>
  readonly models: ReadonlyMap<string, RegisteredModel>
  /** Turns a model that stands for what the environment has a key for into that model. */
  resolveModel(spec: ModelSpec, environment: Environment): ModelSpec
}

/** What a definition is the code of. */
export type CodeRole = 'step' | 'route' | 'model'

/** Adds a pipeline's own definitions to what is built in; a built-in type cannot be defined again. */
export function withDefinitions(
  registry: Registry,
  definitions: readonly AnyCode[],
  code: string,
): Registry {
  const steps = new Map(registry.steps)
  const routes = new Map(registry.routes)
  const models = new Map(registry.models)
  const places = { step: steps, route: routes, model: models }
  for (const definition of definitions) {
    const { type } = definition
    const role = roleOf(definition)
    const known = places[role].get(type)?.definition
    if (known !== undefined && isSame(known, definition)) continue
    if (known !== undefined)
      throw new RetortError(
        'spec-invalid',
        `${capitalized(role)} type '${type}' is defined twice; give one of the two another type.`,
      )
    if (isModel(definition)) {
      models.set(type, { definition, code })
      continue
    }
    const { version } = definition
    const signed = version === undefined ? code : `${code}/${version}`
    if (definition.kind === 'route') routes.set(type, { definition, code: signed })
    else steps.set(type, { definition, code: signed })
  }
  if (models.size > registry.models.size)
    for (const [type, model] of models) {
      const definition = model.definition.withModels?.(models)
      if (definition !== undefined) models.set(type, { ...model, definition })
    }
  return { ...registry, steps, routes, models }
}

export function roleOf(definition: Pick<AnyCode, 'kind'>): CodeRole {
  if (isModel(definition)) return 'model'
  return definition.kind === 'route' ? 'route' : 'step'
}

function isModel(definition: Pick<AnyCode, 'kind'>): definition is ModelType {
  return definition.kind in modelParams
}

/** Whether two definitions are one, or the same built-in, loaded by two copies of this package. */
function isSame(a: AnyCode, b: AnyCode): boolean {
  if (a === b) return true
  // A model that is built in never comes with a pipeline.
  if (isModel(a) || isModel(b)) return false
  return a.kind === b.kind && a.version !== undefined && a.version === b.version
}

/** The code of a step type. @throws RetortError `step-type-unknown` with the nearest name */
export function stepOfType(registry: Registry, type: string, stepName: string): RegisteredStep {
  return ofType(registry.steps, type, `Step '${stepName}'`)
}

/** The code of a route type. @throws RetortError `step-type-unknown` with the nearest name */
export function routeOfType(registry: Registry, type: string, stepName: string): RegisteredRoute {
  return ofType(registry.routes, type, `The route behind step '${stepName}'`)
}

/** What stands for the code of a model's type and of those that it is made of; `undefined` where all are built in. */
export function modelCodeOf(registry: Registry, spec: ModelSpec): string | undefined {
  const { definition, code } = registry.models.get(spec.type) ?? {}
  const parts = definition?.parts?.(spec) ?? []
  const codes = [code, ...parts.map((part) => modelCodeOf(registry, part))]
  const [own] = codes.filter((one) => one !== undefined)
  return own
}

/** The code of a model type. @throws RetortError `step-type-unknown` with the nearest name */
export function modelOfType(registry: Registry, type: string, stepName: string): ModelType {
  return ofType(registry.models, type, `The model of step '${stepName}'`).definition
}

function ofType<Code>(types: ReadonlyMap<string, Code>, type: string, what: string): Code {
  const found = types.get(type)
  if (found !== undefined) return found
  throw new RetortError(
    'step-type-unknown',
    `${what} has the type '${type}', which is not known here. ${nearestName(type, types.keys())}`,
  )
}
