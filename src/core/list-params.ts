import { toJsonSchema } from './column-schemas.ts'
import type { Schema } from './columns.ts'
import { isObject } from './json.ts'
import { modelKindOf, modelParams } from './model-param.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { ModelType } from './registry.ts'
import {
  isBeginningTask,
  defaultBatchSize,
  hasBatches,
  limitNames,
  priceNames,
  taskDefaults,
} from './resolve-params.ts'
import { schemaText } from './schema-text.ts'
import type { StepSpec } from './spec.ts'
import type { AnyDefinition } from './step.ts'
import { taskModes } from './task-mode.ts'

/** A parameter of a step that can be set when a run starts. */
export interface SettableParam {
  /** As `--set` and `--params` take it: `generate.llm.limits.maxConcurrency`. */
  readonly path: string
  /** As people write it: `integer`, `'keep' | 'reject'`. */
  readonly type: string
  /** What the pipeline says; left out where it says nothing. */
  readonly value?: JsonValue
  /** What holds where nobody says anything; left out where the parameter has to be given, or may be missing. */
  readonly default?: JsonValue
  readonly isRequired: boolean
  readonly description?: string
}

/**
 * Every parameter of a step that can be set when a run starts, as the schema of its definition, that of its model and
 * the engine have them.
 *
 * @param modelSchemaOf - schema of the parameters of the step's model
 */
export function listParams(
  definition: AnyDefinition,
  step: StepSpec,
  modelSchemaOf: Schema<object> | undefined,
): SettableParam[] {
  const asks = modelKindOf(definition)
  const own = definition.params
  const given = step.params ?? {}
  const described = [
    ...(own === undefined ? [] : [toJsonSchema(own, 'input', `the parameters of '${step.type}'`)]),
    ...(hasBatches(definition) ? [commonSchema] : []),
    ...(isBeginningTask(definition) ? [beginningSchema] : []),
    ...(asks === 'llm' ? [taskSchema] : []),
    ...(asks === undefined ? [] : [modelSchema(modelSchemaOf, modelParams[asks], step.type)]),
  ]
  const found = described.flatMap((schema) =>
    paramsOf(schema, { path: step.name, value: given, usual: undefined, isRequired: true }),
  )
  // What a definition says of a parameter goes before what every task has.
  return found.filter(({ path }, index) => found.findIndex((one) => one.path === path) === index)
}

/** Every parameter of a type of model, as its schema has them, below the model's own `params`. */
export function listModelParams({ type, params, usualKeyVariable }: ModelType): SettableParam[] {
  if (params === undefined) return []
  const schema = toJsonSchema(params, 'input', `the model type '${type}'`)
  return paramsOf(schema, {
    path: '',
    value: undefined,
    usual: usualKeyVariable === undefined ? undefined : { apiKeyEnv: usualKeyVariable },
    isRequired: true,
  }).map((param) => ({ ...param, path: param.path.slice(1) }))
}

const commonSchema: JsonObject = {
  type: 'object',
  properties: {
    inputBatchSize: {
      type: 'integer',
      default: defaultBatchSize,
      description: 'Rows of one batch; no result depends on it.',
    },
  },
}

const beginningSchema: JsonObject = {
  type: 'object',
  required: ['numRows'],
  properties: {
    numRows: { type: 'integer', description: 'How many rows it makes, a call each.' },
    resample: { type: 'boolean', default: true },
  },
}

const taskSchema: JsonObject = {
  type: 'object',
  properties: {
    ...Object.fromEntries(
      Object.entries(taskDefaults).map(([name, usual]) => [
        name,
        typeof usual === 'number'
          ? { type: 'integer', default: usual }
          : { type: 'boolean', default: usual === true },
      ]),
    ),
    mode: {
      enum: [...taskModes],
      default: 'online',
      description: 'Call by call, in batch jobs of the provider, or whichever suits.',
    },
    structuredOutput: {
      type: 'object',
      description: 'What each answer has to be, such as a JSON Schema.',
    },
  },
}

function modelSchema(params: Schema<object> | undefined, name: string, type: string): JsonObject {
  const schema =
    params === undefined
      ? { type: 'object' }
      : toJsonSchema(params, 'input', `the model of '${type}'`)
  const limits = limitNames.map((name) => [name, { type: name === 'group' ? 'string' : 'integer' }])
  const prices = priceNames.map((name) => [name, { type: 'number' }])
  const model: JsonObject = {
    type: 'object',
    required: ['type', 'params'],
    properties: {
      type: { type: 'string' },
      params: schema,
      limits: { type: 'object', properties: Object.fromEntries(limits) },
      prices: { type: 'object', properties: Object.fromEntries(prices) },
    },
  }
  return { type: 'object', required: [name], properties: { [name]: model } }
}

/** One place in a step's parameters. */
interface Place {
  readonly path: string
  readonly value: JsonValue | undefined
  readonly usual: JsonValue | undefined
  readonly isRequired: boolean
}

function paramsOf(schema: JsonObject, place: Place): SettableParam[] {
  const { path, value, isRequired } = place
  const usual = schema['default'] ?? place.usual
  const { properties, required, description } = schema
  if (!isObject(properties) || (value !== undefined && !isObject(value)))
    return [
      {
        path,
        type: schemaText(schema),
        ...(value === undefined ? {} : { value }),
        ...(usual === undefined ? {} : { default: usual }),
        isRequired: isRequired && usual === undefined,
        ...(typeof description === 'string' ? { description } : {}),
      },
    ]
  return Object.entries(properties).flatMap(([name, inner]) =>
    paramsOf(isObject(inner) ? inner : {}, {
      path: `${path}.${name}`,
      value: memberOf(value, name),
      usual: memberOf(usual, name),
      isRequired: isRequired && Array.isArray(required) && required.includes(name),
    }),
  )
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) ? value[name] : undefined
}
