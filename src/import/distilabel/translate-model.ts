import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ModelKind } from '../../core/llm-spec.ts'
import type { UnsuppliedParameter } from '../unsupplied.ts'
import { adaptModel } from './adapt-model.ts'
import { classOf } from './dump.ts'
import type { Fields } from './dump.ts'
import type { Report } from './finding.ts'
import { isIgnored } from './ignored-fields.ts'
import type { ModelClass } from './model-class.ts'
import { modelClasses } from './model-classes.ts'
import { parameterName } from './parameter-name.ts'
import { holdsSecret } from './secret-field.ts'
import { translateFormat } from './translate-format.ts'
import { translateGeneration } from './translate-generation.ts'

/** Seconds that distilabel waits for an answer where nobody says, by class or else for all; here it waits longer. */
const usualTimeouts: ReadonlyMap<string, number> = new Map([['AnthropicLLM', 600]])
const usualTimeout = 120

/** What translating a part of a step has to tell. */
export interface Told {
  readonly report: Report
  /** Tells of a parameter that the file leaves out. */
  readonly lack: (parameter: UnsuppliedParameter) => void
}

/** Where a model stands. */
export interface ModelPlace {
  readonly step: string
  readonly kind: ModelKind
  /** In distilabel's words: `llm`. */
  readonly field: string
  /** Under the step's parameters here. */
  readonly path: readonly string[]
}

/** A model as a spec names it, and what of it is a matter of its step here. */
export interface TranslatedModel {
  readonly model: JsonObject
  /** What its answers are held to. */
  readonly structuredOutput?: JsonObject
  /** `batch` where it is asked in batch jobs. */
  readonly mode?: string
}

/** A step's model; `undefined` where it is of a class that is not here, which is reported. */
export function translateModel(
  given: unknown,
  place: ModelPlace,
  told: Told,
): TranslatedModel | undefined {
  const dumped = isObject(given) ? given : {}
  const type = classOf(dumped['type_info'])
  const name = type?.name ?? 'an unknown class'
  const found = type?.module.startsWith('distilabel.') === true ? modelClasses.get(name) : undefined
  if (found === undefined || found.kind !== place.kind) {
    told.report({
      step: place.step,
      what: `the model of step '${place.step}' is of the class ${name}, which is not here`,
      todo:
        place.kind === 'llm'
          ? "make it an OpenAILLM with the base_url of a server that speaks OpenAI's protocol"
          : 'take the step out, and add it by hand',
    })
    return undefined
  }
  const fields = adaptModel(name, dumped)
  reportFields(fields, name, found, place, told.report)
  const limit = fields['max_concurrent_requests']
  const params = paramsOf(fields, name, found, place, told)
  reportWanted(params, name, found, place, told)
  const structuredOutput = translateFormat(fields['structured_output'])
  return {
    model: {
      type: found.type,
      params,
      ...(typeof limit === 'number' ? { limits: { maxConcurrency: limit } } : {}),
    },
    ...(structuredOutput === undefined ? {} : { structuredOutput }),
    ...(asksInJobs(fields, found) ? { mode: 'batch' } : {}),
  }
}

function paramsOf(
  fields: Fields,
  className: string,
  model: ModelClass,
  place: ModelPlace,
  told: Told,
): JsonObject {
  const { kwargs, unknown } = translateGeneration(fields['generation_kwargs'], className, model)
  for (const parameter of unknown)
    told.report({
      step: place.step,
      what: `parameter '${place.field}.generation_kwargs.${parameter}' of step '${place.step}' has no counterpart in ${model.type}`,
      todo: 'take it out',
    })
  const own = model.fields.flatMap((field): [string, JsonValue][] => {
    const value = fields[field]
    if (value === null || value === undefined || value === '') return []
    const parameter = parameterName(className, field)
    const inner = innerModels(value, parameter, place, told)
    return inner === undefined ? [] : [[parameter, addressed(field, inner, model)]]
  })
  const isBare = Object.keys(kwargs).length === 0 || model.isFlat === true
  return {
    ...Object.fromEntries(own),
    ...(model.isFlat === true ? kwargs : {}),
    ...(isBare ? {} : { generationKwargs: kwargs }),
    ...timeouts(fields['timeout'], className),
  }
}

/** A value of a field; models within a model are translated as that one is. */
function innerModels(
  value: unknown,
  parameter: string,
  place: ModelPlace,
  told: Told,
): JsonValue | undefined {
  const translate = (inner: unknown, ...path: readonly string[]) =>
    translateModel(
      inner,
      {
        ...place,
        field: [place.field, parameter, ...path].join('.'),
        path: [...place.path, 'params', parameter, ...path],
      },
      told,
    )?.model
  if (parameter === 'aggregator') return translate(value)
  if (parameter === 'proposers')
    return Array.isArray(value)
      ? value.flatMap((inner, index) => translate(inner, String(index)) ?? [])
      : undefined
  // A dump holds JSON or YAML, and so do its members.
  return value as JsonValue
}

function addressed(field: string, value: JsonValue, { path = '' }: ModelClass): JsonValue {
  const isAddress = field === 'base_url' && path !== '' && typeof value === 'string'
  return isAddress ? `${value.replace(/\/+$/, '')}${path}` : value
}

/** What is read from fields without being a parameter of the model's. */
const readElsewhere: readonly string[] = ['generation_kwargs', 'timeout', 'max_concurrent_requests']

function reportFields(
  fields: Fields,
  className: string,
  model: ModelClass,
  { step, field, path }: ModelPlace,
  report: Report,
): void {
  for (const [name, value] of Object.entries(fields)) {
    const what = `parameter '${field}.${name}' of step '${step}'`
    if (holdsSecret(name, value)) {
      const variable =
        model.keyVariable === null
          ? 'an environment variable'
          : `the environment variable ${model.keyVariable}, or another`
      const set = `--set ${[step, ...path].join('.')}.params.apiKeyEnv=NAME`
      report({
        step,
        what: `${what} holds a key`,
        todo: `take it out of the file and put the key into ${variable} that ${set} names`,
      })
      continue
    }
    const isRead = model.fields.includes(name) || readElsewhere.includes(name)
    if (isRead || isIgnored(className, name, value) || isEmpty(value)) continue
    if (name === 'structured_output' && translateFormat(value) !== undefined) continue
    if (name === 'use_offline_batch_generation' && asksInJobs(fields, model)) continue
    report({
      step,
      what: `${what} has no counterpart in ${model.type}`,
      todo: advice.get(name) ?? advice.get(className) ?? 'take it out',
    })
  }
}

const ownTemplate = 'take it out, since the server applies the template of its own model'

/** What to do about fields, or about all those of a class. */
const advice: ReadonlyMap<string, string> = new Map([
  ['structured_output', "make its schema JSON, as a model's model_json_schema() is"],
  ['use_offline_batch_generation', 'set it to false, so that the model is asked online'],
  ['default_headers', 'take it out, and have a proxy add the headers'],
  ['tokenizer', ownTemplate],
  ['tokenizer_id', ownTemplate],
  ['tokenizer_revision', ownTemplate],
  ['repo_id', 'download the file, and give its path as model_path'],
  ['vLLM', 'start a vLLM server with it, and take it out'],
  ['vLLMEmbeddings', 'start a vLLM server with it, and take it out'],
  ['MlxLLM', 'start mlx_lm.server with it, and take it out'],
])

/** Only OpenAI's classes have batch jobs there. */
function asksInJobs(fields: Fields, { type }: ModelClass): boolean {
  return fields['use_offline_batch_generation'] === true && type === 'OpenAILLM'
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

/** Tells of what the model has to have and the dump leaves out. */
function reportWanted(
  params: JsonObject,
  className: string,
  { wanted }: ModelClass,
  { step, path }: ModelPlace,
  { lack }: Told,
): void {
  if (wanted === undefined || params[wanted.name] !== undefined) return
  const { name, placeholder, why } = wanted
  const parameter = [...path, 'params', name]
  lack({
    step,
    path: parameter,
    message: `The model of step '${step}' (${className}) has no '${name}', ${why}; give it with --set ${[step, ...parameter].join('.')}=${placeholder}.`,
  })
}

/** A time that somebody chose; the usual one would cut short what is waited for here. */
function timeouts(seconds: unknown, className: string): JsonObject {
  const usual = usualTimeouts.get(className) ?? usualTimeout
  if (typeof seconds !== 'number' || seconds === usual) return {}
  return { timeouts: { firstByteSeconds: seconds, callSeconds: seconds } }
}
