import type { Schema } from '../core/columns.ts'
import { RetortError } from '../core/errors.ts'
import type { LLM, LLMSpec } from '../core/llm-spec.ts'
import type { Environment } from '../core/environment.ts'
import type { LLMIdentity, LLMType } from '../core/registry.ts'

import { checkParams } from './check-params.ts'
import { checkForKeys } from './secrets.ts'

/** Where a model's JSON keeps the code of its type; JSON does not show it. */
export const llmKey: unique symbol = Symbol.for('retort.llm')

/** The code of one type of model, with what shows a user how to name it. */
export interface LLMDefinition extends LLMType {
  readonly params: Schema<object>
  /** Whether it makes answers up, and so costs nothing and means nothing. */
  readonly isSimulated: boolean
  /** The environment variable that must hold a key; `undefined` where none is needed. */
  keyVariable(spec: LLMSpec): string | undefined
}

/** What making a model live takes beside its parameters. */
export interface LLMContext {
  readonly environment: Environment
  /** The key that the parameters name the variable of. */
  readonly key: string | undefined
}

/** A type of model as its author writes it. */
export interface LLMOptions<Params extends object> {
  readonly type: string
  readonly params: Schema<Params>
  readonly isSimulated?: boolean
  identity(params: Params): LLMIdentity
  keyVariable?(params: Params): string | undefined
  /** Loads what the model needs; nothing before may import a provider's package. */
  create(params: Params, context: LLMContext): Promise<LLM>
}

/** Makes the code of a type of model, which checks parameters and keys before anything uses them. */
export function defineLLM<Params extends object>(options: LLMOptions<Params>): LLMDefinition {
  const { type } = options
  const read = (spec: LLMSpec) => checkParams(options.params, spec.params, type)
  const variableOf = (params: Params) => options.keyVariable?.(params)
  return {
    type,
    params: options.params,
    isSimulated: options.isSimulated ?? false,
    check(spec, environment, stepName) {
      const who = `the model of step '${stepName}' (${type})`
      checkForKeys(spec.params, environment, who)
      readKey(
        variableOf(checkParams(options.params, spec.params, capitalized(who))),
        environment,
        who,
      )
    },
    identity: (spec) => options.identity(read(spec)),
    keyVariable: (spec) => variableOf(read(spec)),
    limitGroup(spec) {
      if (spec.limits?.group !== undefined) return spec.limits.group
      const params = read(spec)
      const { provider, model } = options.identity(params)
      return [provider, variableOf(params), model].filter((part) => part !== undefined).join(' ')
    },
    async create(spec, environment) {
      checkForKeys(spec.params, environment, type)
      const params = read(spec)
      const key = readKey(variableOf(params), environment, type)
      return options.create(params, { environment, key })
    },
  }
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

function capitalized(who: string): string {
  return `${who.charAt(0).toUpperCase()}${who.slice(1)}`
}
