import type { JsonObject, JsonValue } from '../../core/json.ts'

import { mapSubschemas } from '../structured/subschemas.ts'
import { withConstraintsInWords } from '../structured/with-constraints-in-words.ts'

/**
 * A JSON Schema in the keywords that Google reads.
 *
 * A single value becomes a list of one, nothing stands beside a reference, and descriptions say what Google would pass
 * over, such as patterns.
 */
export function toGeminiSchema(schema: JsonObject): JsonObject {
  const { $schema: _, ...own } = schema
  return readable(own)
}

function readable(schema: JsonObject): JsonObject {
  const { const: value, ...rest } = mapSubschemas(schema, readable)
  if (typeof rest['$ref'] === 'string')
    return Object.fromEntries(Object.entries(rest).filter(([keyword]) => keyword.startsWith('$')))
  return {
    ...rest,
    ...(value === undefined ? {} : onlyValue(value)),
    ...withConstraintsInWords(schema),
  }
}

/** Lists may have texts and numbers alone. */
function onlyValue(value: JsonValue): JsonObject {
  if (typeof value === 'string') return { type: 'string', enum: [value] }
  if (typeof value === 'number')
    return { type: Number.isInteger(value) ? 'integer' : 'number', enum: [value] }
  if (typeof value === 'boolean') return { type: 'boolean' }
  return value === null ? { type: 'null' } : {}
}
