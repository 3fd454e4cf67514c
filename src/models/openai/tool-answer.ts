import { isObject } from '../../core/json.ts'

/** The tool that a model is made to call with its answer; those that a user brings have other names. */
const toolName = 'answer'

/** The arguments that a model called the tool for answers with, as JSON; `undefined` where it did not. */
export function toolAnswer(calls: unknown): string | undefined {
  if (!Array.isArray(calls)) return undefined
  for (const call of calls) {
    const called: unknown = isObject(call) ? (call['function'] ?? call) : undefined
    if (isObject(called) && called['name'] === toolName) return asJson(called['arguments'])
  }
  return undefined
}

/** Some servers send the arguments as a text of JSON, some as JSON. */
function asJson(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given ?? {})
}
