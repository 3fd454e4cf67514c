import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ModelClass } from './model-class.ts'
import { parameterName } from './parameter-name.ts'

/** Parameters of generation as a model here takes them. */
export interface TranslatedGeneration {
  readonly kwargs: JsonObject
  /** Names of those that it does not take. */
  readonly unknown: readonly string[]
}

/** Translates a model's `generation_kwargs`. */
export function translateGeneration(given: unknown, model: ModelClass): TranslatedGeneration {
  const kwargs: Record<string, JsonValue> = {}
  const body: Record<string, JsonValue> = {}
  const unknown: string[] = []
  for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
    if (asksNothing(name, value)) continue
    // A dump holds JSON or YAML, and so do its members.
    const json = value as JsonValue
    if (model.generation.includes(name)) kwargs[parameterName('', name)] = json
    else if (model.body.includes(name)) body[name] = json
    else if (name === 'extra_body' && model.type === 'OpenAILLM' && isObject(json))
      Object.assign(body, json)
    else unknown.push(name)
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

/** `echo` is for completions, which no task asks for. */
function asksNothing(name: string, value: unknown): boolean {
  return value === null || name === 'echo' || (name === 'logprobs' && value === false)
}
