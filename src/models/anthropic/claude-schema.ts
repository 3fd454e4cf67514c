import type { JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

import { toStrictSchema } from '../structured/to-strict-schema.ts'

/**
 * A JSON Schema as Anthropic's structured outputs take it: the strict form, where that does not lead back to itself;
 * `undefined` where there is none.
 */
export function toClaudeSchema(schema: JsonObject): JsonObject | undefined {
  const strict = toStrictSchema(schema)
  return strict === undefined || isRecursive(strict) ? undefined : strict
}

/** Whether a definition leads back to itself, or to the whole. */
function isRecursive(schema: JsonObject): boolean {
  const definitions = isObject(schema['$defs']) ? schema['$defs'] : {}
  const references = new Map(
    Object.entries(definitions).map(([name, one]) => [`#/$defs/${name}`, referencesIn(one)]),
  )
  const leadsBack = (reference: string, above: readonly string[]): boolean =>
    reference === '#' ||
    above.includes(reference) ||
    (references.get(reference) ?? []).some((next) => leadsBack(next, [...above, reference]))
  return referencesIn(schema).some((reference) => leadsBack(reference, []))
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([keyword, member]) =>
    keyword === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}
