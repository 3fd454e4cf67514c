import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { UnsuppliedParameter } from '../unsupplied.ts'
import { classOf } from './dump.ts'
import type { Fields } from './dump.ts'
import type { Report } from './finding.ts'
import { isIgnored } from './ignored-fields.ts'
import { modelClasses } from './model-class.ts'
import type { ModelClass } from './model-class.ts'
import { parameterName } from './parameter-name.ts'
import { holdsSecret } from './secret-field.ts'
import { translateGeneration } from './translate-generation.ts'

/** Seconds that distilabel waits for an answer where nobody says; here it waits longer. */
const usualTimeout = 120

/** What translating a part of a step has to tell. */
export interface Told {
  readonly report: Report
  /** Tells of a parameter that the file leaves out. */
  readonly lack: (parameter: UnsuppliedParameter) => void
}

/** The `llm` of a step; `undefined` where it is of a class that is not here, which is reported. */
export function translateModel(llm: unknown, step: string, told: Told): JsonObject | undefined {
  const fields = isObject(llm) ? llm : {}
  const type = classOf(fields['type_info'])
  const name = type?.name ?? 'an unknown class'
  const model = type?.module.startsWith('distilabel.') === true ? modelClasses.get(name) : undefined
  if (model === undefined) {
    told.report({
      step,
      what: `the model of step '${step}' is of the class ${name}, which is not here`,
      todo: `make it an OpenAILLM with the base_url of a server that speaks OpenAI's protocol, or one of ${[...modelClasses.keys()].slice(1).join(', ')}`,
    })
    return undefined
  }
  reportFields(fields, name, model, step, told.report)
  const { kwargs, unknown } = translateGeneration(fields['generation_kwargs'], model)
  for (const parameter of unknown)
    told.report({
      step,
      what: `parameter 'llm.generation_kwargs.${parameter}' of step '${step}' has no counterpart in ${model.type}`,
      todo: 'take it out',
    })
  const limit = fields['max_concurrent_requests']
  return {
    type: model.type,
    params: {
      ...modelName(fields, name, step, told),
      ...address(fields, name, model),
      ...(model.apiKeyEnv === defaultKey(model) ? {} : { apiKeyEnv: model.apiKeyEnv }),
      ...(Object.keys(kwargs).length === 0 ? {} : { generationKwargs: kwargs }),
      ...timeouts(fields['timeout']),
    },
    ...(typeof limit === 'number' ? { limits: { maxConcurrency: limit } } : {}),
  }
}

const translated = [
  'model',
  'base_url',
  'endpoint',
  'generation_kwargs',
  'timeout',
  'max_concurrent_requests',
]

function reportFields(
  fields: Fields,
  className: string,
  model: ModelClass,
  step: string,
  report: Report,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (holdsSecret(name, value)) {
      report({
        step,
        what: `parameter 'llm.${name}' of step '${step}' holds a key`,
        todo: `take it out of the file and put the key into ${model.apiKeyEnv === null ? 'an environment variable' : `the environment variable ${model.apiKeyEnv}, or another`} that --set ${step}.llm.params.apiKeyEnv=NAME names`,
      })
      continue
    }
    if (translated.includes(name) || isIgnored(className, name, value) || isEmpty(value)) continue
    report({
      step,
      what: `parameter 'llm.${name}' of step '${step}' has no counterpart in ${model.type}`,
      todo: advice.get(name) ?? 'take it out',
    })
  }
}

const advice: ReadonlyMap<string, string> = new Map([
  ['structured_output', "take it out, and say in the prompt what the answer's form is"],
  ['use_offline_batch_generation', 'set it to false, so that the model is asked online'],
  ['default_headers', 'take it out, and have a proxy add the headers'],
  ['tokenizer', 'take it out, since the server applies the template of its own model'],
  ['tokenizer_revision', 'take it out, since the server applies the template of its own model'],
])

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

function modelName(fields: Fields, className: string, step: string, { lack }: Told): JsonObject {
  const { model } = fields
  if (typeof model === 'string' && model !== '') return { model }
  lack({
    step,
    path: ['llm', 'params', 'model'],
    message: `The model of step '${step}' (${className}) has no name, which distilabel asks the server for; give it with --set ${step}.llm.params.model=NAME.`,
  })
  return {}
}

function address(fields: Fields, className: string, { path = '' }: ModelClass): JsonObject {
  const found: Record<string, JsonValue> = {}
  for (const name of ['base_url', 'endpoint']) {
    const url = fields[name]
    if (typeof url === 'string')
      found[parameterName(className, name)] =
        path === '' ? url : `${url.replace(/\/+$/, '')}${path}`
  }
  return found
}

function defaultKey({ type }: ModelClass): string | null {
  return modelClasses.get(type)?.apiKeyEnv ?? null
}

/** A time that somebody chose; the usual one would cut short what is waited for here. */
function timeouts(seconds: unknown): JsonObject {
  if (typeof seconds !== 'number' || seconds === usualTimeout) return {}
  return { timeouts: { firstByteSeconds: seconds, callSeconds: seconds } }
}
