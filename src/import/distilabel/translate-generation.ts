import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ModelClass } from './model-class.ts'
import { camelCase, parameterName } from './parameter-name.ts'

/** Parameters of generation as a model here takes them. */
export interface TranslatedGeneration {
  readonly kwargs: JsonObject
  /** Names of those that it does not take. */
  readonly unknown: readonly string[]
}

/** Translates a model's `generation_kwargs`. */
export function translateGeneration(
  given: unknown,
  className: string,
  model: ModelClass,
): TranslatedGeneration {
  const kwargs: Record<string, JsonValue> = {}
  const body: Record<string, JsonValue> = {}
  const unknown: string[] = []
  for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
    if (asksNothing(className, name, value) || model.idle?.includes(name)) continue
    // A dump holds JSON or YAML, and so do its members.
    const json = value as JsonValue
    if (model.body?.includes(name)) body[name] = json
    else if (!model.generation.includes(name)) unknown.push(name)
    else if (bodies.has(name) && isObject(json)) Object.assign(body, json)
    else Object.assign(kwargs, translateOne(className, name, json))
  }
  const { maxNewTokens } = model
  return {
    kwargs: {
      ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
      ...kwargs,
      ...(Object.keys(body).length === 0 ? {} : { extraBody: body }),
    },
    unknown,
  }
}

/** Parameters whose members go into the request's body. */
const bodies: ReadonlySet<string> = new Set(['extra_body', 'extra_sampling_params'])

function translateOne(className: string, name: string, value: JsonValue): JsonObject {
  // vLLM is told how many.
  if (name === 'logprobs' && typeof value === 'number')
    return { logprobs: true, ...(value > 0 ? { topLogprobs: value } : {}) }
  if (name === 'options' && isObject(value))
    return { options: Object.fromEntries(Object.entries(value).map(toOption)) }
  return { [parameterName(className, name)]: value }
}

function toOption([name, value]: readonly [string, JsonValue]): readonly [string, JsonValue] {
  return [camelCase(name), value]
}

/** Values with which a parameter changes nothing, by name or by `Class.name`. */
const neutral: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
  ['logprobs', [false]],
  ['return_full_text', [false]],
  ['n', [1]],
  ['OllamaLLM.format', ['']],
  // Whether a connection stays open, as distilabel's type has it, is no matter of the model's.
  ['OllamaLLM.keep_alive', [true, false]],
  // What these servers take for nothing, others take for a value.
  ['MlxLLM.top_p', [0]],
])

/** `echo` is for completions, which no task asks for. */
function asksNothing(className: string, name: string, value: unknown): boolean {
  if (value === null || name === 'echo') return true
  return [name, `${className}.${name}`].some((key) => neutral.get(key)?.includes(value) === true)
}
