import type { Schema } from '../core/columns.ts'
import type { EmbeddingModel } from '../core/embedding-model.ts'
import type { Environment } from '../core/environment.ts'
import { RetortError } from '../core/errors.ts'
import type { ConnectInner } from '../core/inner-model.ts'
import type { ImageModel } from '../core/image-model.ts'
import type { LiveModel, LLM, ModelKind, ModelSpec } from '../core/llm-spec.ts'
import { plainChat } from '../core/model-capabilities.ts'
import type { ModelCapabilities } from '../core/model-capabilities.ts'
import { capitalized } from '../core/names.ts'
import type { ModelIdentity, ModelType } from '../core/registry.ts'

import { checkParams, readParams } from './check-params.ts'
import {
  type ConnectOptions,
  type ProviderConnection,
  connectProvider,
} from './provider-connection.ts'
import { checkForKeys } from './secrets.ts'

/** The code of one type of model, with what shows a user how to name it. */
export interface ModelDefinition<
  Kind extends ModelKind = ModelKind,
  Live extends LiveModel = LiveModel,
> extends ModelType<Live> {
  readonly kind: Kind
  readonly params: Schema<object>
  /** Whether it makes answers up, and so costs nothing and means nothing. */
  readonly isSimulated: boolean
  /** The environment variable that must hold a key; `undefined` where none is needed. */
  keyVariable(spec: ModelSpec): string | undefined
}

/** The code of a type of model that answers. */
export interface LLMDefinition extends ModelDefinition<'llm', LLM> {
  readonly capabilities: ModelCapabilities
}

/** The code of a type of model that turns texts into vectors. */
export type EmbeddingsDefinition = ModelDefinition<'embeddings', EmbeddingModel>

/** The code of a type of model that makes images. */
export type ImageModelDefinition = ModelDefinition<'images', ImageModel>

/** What making a model live takes beside its parameters. */
export interface ModelContext {
  /** The worker's environment, with what a `.env` beside the pipeline adds. */
  readonly environment: Environment
  /** The variable of the key, by the parameters. */
  readonly keyVariable: string | undefined
  /** What it holds. */
  readonly key: string | undefined
  /** Makes models within it live, with limits that all who ask them keep together; absent without a worker. */
  readonly connectInner?: ConnectInner
  /**
   * Connects to a provider's HTTP API as the built-in models do, with timeouts, proxies and errors that the engine knows.
   *
   * @param who - what errors begin with, such as `MyLLM 'small'`
   */
  connect(who: string, options?: ConnectOptions): Promise<ProviderConnection>
}

/** A type of model as its author writes it. */
export interface ModelOptions<Params extends object, Live extends LiveModel, Input = unknown> {
  /** How specs name it, such as `MyLLM`; none that is built in. */
  readonly type: string
  /** Its parameters, all JSON; never a key, only the name of its environment variable. */
  readonly params: Schema<Params, Input>
  /** Whether its answers are made up, so that they cost nothing and datasets say so. Default false. */
  readonly isSimulated?: boolean
  /** The optional package that it needs; `retort models` tells it. */
  readonly peer?: string
  /** What it is, in a sentence for `retort models`. */
  readonly description?: string
  /** The function of this package that names such a model; none where it is not built in. */
  readonly factory?: string
  /**
   * What decides its answers: they are kept, and found again, under provider, model and these parameters. Limits,
   * timeouts and keys are no part of it.
   */
  identity(params: Params): ModelIdentity
  /**
   * The environment variable that must hold a key, unless the parameter `apiKeyEnv` names another one, or `null` for
   * none; or a function that tells it by the parameters. None where it is left out.
   */
  readonly keyVariable?: string | ((params: Params) => string | undefined) | undefined
  /** Loads what the model needs; nothing before may import a provider's package. */
  create(params: Params, context: ModelContext): Promise<Live>
}

/** A type of model that answers, as its author writes it. */
export interface LLMOptions<Params extends object, Input = unknown> extends ModelOptions<
  Params,
  LLM,
  Input
> {
  /** What it can do beyond answering conversations. */
  readonly capabilities?: Partial<ModelCapabilities>
  /** Whether the server that is asked is known to have batch jobs, where its type can ask for them; by default it is. */
  offersJobs?(params: Params): boolean
}

/** Makes the code of a type of model that answers, which checks parameters and keys before anything uses them. */
export function toLLMDefinition<Params extends object>(options: LLMOptions<Params>): LLMDefinition {
  const { offersJobs } = options
  return {
    ...toDefinition('llm', options),
    capabilities: { ...plainChat, ...options.capabilities },
    ...(offersJobs === undefined
      ? {}
      : {
          offersJobs: (spec: ModelSpec) => offersJobs(readParams(options.params, spec)),
        }),
  }
}

/** Makes the code of a type of model that turns texts into vectors, as {@link toLLMDefinition} does. */
export function toEmbeddingsDefinition<Params extends object>(
  options: ModelOptions<Params, EmbeddingModel>,
): EmbeddingsDefinition {
  return toDefinition('embeddings', options)
}

/** Makes the code of a type of model that makes images, as {@link toLLMDefinition} does. */
export function toImageModelDefinition<Params extends object>(
  options: ModelOptions<Params, ImageModel>,
): ImageModelDefinition {
  return toDefinition('images', options)
}

function toDefinition<Kind extends ModelKind, Params extends object, Live extends LiveModel>(
  kind: Kind,
  options: ModelOptions<Params, Live>,
): ModelDefinition<Kind, Live> {
  const { type, keyVariable, peer, description, factory } = options
  const read = (spec: ModelSpec) => readParams(options.params, spec)
  const variableOf = (params: Params) =>
    typeof keyVariable === 'function' ? keyVariable(params) : namedVariable(params, keyVariable)
  return {
    type,
    kind,
    params: options.params,
    isSimulated: options.isSimulated ?? false,
    ...(peer === undefined ? {} : { peer }),
    ...(description === undefined ? {} : { description }),
    ...(factory === undefined ? {} : { factory }),
    ...(typeof keyVariable === 'string' ? { usualKeyVariable: keyVariable } : {}),
    check(spec, environment, stepName) {
      const who = `the model of step '${stepName}' (${type})`
      checkForKeys(spec.params, environment, who)
      readKey(variableOf(checkParams(options.params, spec.params, who)), environment, who)
    },
    identity: (spec) => options.identity(read(spec)),
    keyVariable: (spec) => variableOf(read(spec)),
    limitGroup(spec) {
      if (spec.limits?.group !== undefined) return spec.limits.group
      const params = read(spec)
      const { provider, model } = options.identity(params)
      return [provider, variableOf(params), model].filter((part) => part !== undefined).join(' ')
    },
    async create(spec, environment, connectInner) {
      checkForKeys(spec.params, environment, type)
      const params = read(spec)
      const variable = variableOf(params)
      const key = readKey(variable, environment, type)
      const given = { environment, keyVariable: variable, key }
      return options.create(params, {
        ...given,
        ...(connectInner === undefined ? {} : { connectInner }),
        connect: (who, how) => connectProvider(given, who, how),
      })
    },
  }
}

/** The variable that the parameters name, or else the usual one. */
function namedVariable(params: object, usual: string | undefined): string | undefined {
  const named: unknown = Reflect.get(params, 'apiKeyEnv')
  if (named === undefined) return usual
  return typeof named === 'string' ? named : undefined
}

function readKey(
  variable: string | undefined,
  environment: Environment,
  who: string,
): string | undefined {
  if (variable === undefined) return undefined
  const key = environment[variable]?.trim() ?? ''
  if (key === '')
    throw new RetortError(
      'key-missing',
      `${capitalized(who)} needs a key in the environment variable ${variable}, which is not set.`,
      { data: { variable } },
    )
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new RetortError(
      'key-missing',
      `The environment variable ${variable}, from which ${who} reads its key, holds characters that no key has.`,
      { data: { variable } },
    )
  return key
}
