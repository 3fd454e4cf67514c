import type { Schema } from './columns.ts'
import { RetortError } from './errors.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import type { ColumnSchemas } from './step.ts'

/** The members of an object schema, and which of them may be missing. */
export interface Members {
  readonly columns: ColumnSchemas
  readonly optional: readonly string[]
  /** Whether members beside `columns` are welcome. */
  readonly isOpen: boolean
}

/** Schemas never change, and converting one takes milliseconds: each is converted once. */
const converted = {
  input: new WeakMap<Schema<unknown>, JsonObject>(),
  output: new WeakMap<Schema<unknown>, JsonObject>(),
}

/** JSON Schema of a Standard Schema, as its values are given (`input`) or as they come out (`output`). */
export function toJsonSchema(
  schema: Schema<unknown>,
  side: 'input' | 'output',
  what: string,
): JsonObject {
  const known = converted[side].get(schema)
  if (known !== undefined) return known
  const convert = schema['~standard'].jsonSchema?.[side]
  if (convert === undefined)
    throw new RetortError(
      'spec-invalid',
      `The schema of ${what} offers no JSON Schema; use zod 4.2 or newer, or another library that implements Standard JSON Schema.`,
    )
  try {
    const { $schema: _, ...json } = convert({ target: 'draft-2020-12' })
    converted[side].set(schema, json as JsonObject)
    return json as JsonObject
  } catch (cause) {
    throw new RetortError(
      'spec-invalid',
      `The schema of ${what} has no JSON form (${cause instanceof Error ? cause.message : String(cause)}); columns and parameters are JSON values.`,
      { cause },
    )
  }
}

/** The members of an object schema. */
export function membersOf(
  schema: Schema<unknown>,
  side: 'input' | 'output',
  what: string,
): Members {
  const json = toJsonSchema(schema, side, what)
  const columns = isObject(json['properties']) ? (json['properties'] as ColumnSchemas) : {}
  const required = Array.isArray(json['required']) ? json['required'] : []
  return {
    columns,
    optional: Object.keys(columns).filter((name) => !required.includes(name)),
    isOpen: json['additionalProperties'] !== undefined && json['additionalProperties'] !== false,
  }
}

/** What holds for a value that may be `null` where another schema holds for it else. */
export function orNull(schema: JsonObject): JsonObject {
  const isAnything = Object.keys(schema).length === 0
  return isAnything ? schema : { anyOf: [schema, { type: 'null' }] }
}
