import { isObject } from '../../core/json.ts'
import type { JsonObject } from '../../core/json.ts'

/**
 * What a model's `structured_output` holds its answers to, as a step's `structuredOutput` says it; `undefined` where it
 * says nothing that can be read.
 *
 * How it is held to that, and how often it is asked again, is left to this engine.
 */
export function translateFormat(given: unknown): JsonObject | undefined {
  if (!isObject(given)) return undefined
  const { format, schema } = given
  if (format === 'regex')
    return typeof schema === 'string' ? { format: 'regex', pattern: schema } : undefined
  const found = typeof schema === 'string' ? parse(schema) : schema
  // A dump holds JSON or YAML, and so does a schema in it.
  return isObject(found) ? { format: 'json', schema: found as JsonObject } : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
