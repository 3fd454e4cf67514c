import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isJsonObject, mapSubschemas } from './subschemas.ts'

/** Whether a schema says at its root that a value is an object, as providers want it of a tool's arguments. */
function hasObjectRoot(schema: JsonObject): boolean {
  return schema['type'] === 'object' && ['anyOf', 'oneOf', '$ref'].every((key) => !(key in schema))
}

/**
 * A schema whose root is an object: the schema itself, or that of an object with one member that holds it.
 *
 * The member's name follows from the schema alone, so that {@link unwrapped} knows it.
 */
export function withObjectRoot(schema: JsonObject): JsonObject {
  if (hasObjectRoot(schema)) return schema
  const { $schema, $defs, definitions, ...own } = schema
  const name = memberName(schema)
  const root = freeName('root', $defs)
  const moved = (subschema: JsonObject) => withMovedReferences(subschema, root)
  const defined = mapSubschemas(
    {
      ...($defs === undefined ? {} : { $defs }),
      ...(definitions === undefined ? {} : { definitions }),
    },
    moved,
  )
  const value = moved(own)
  const isReferred = JSON.stringify([defined, value]).includes(`"#/$defs/${root}`)
  const { $defs: definedBefore = {}, ...rest } = defined
  return {
    ...($schema === undefined ? {} : { $schema }),
    type: 'object',
    properties: { [name]: isReferred ? { $ref: `#/$defs/${root}` } : value },
    required: [name],
    additionalProperties: false,
    ...rest,
    ...(isReferred
      ? { $defs: { ...(isJsonObject(definedBefore) ? definedBefore : {}), [root]: value } }
      : $defs === undefined
        ? {}
        : { $defs: definedBefore }),
  }
}

/** The value within an object that holds a schema of {@link withObjectRoot}; any other value as it is. */
export function unwrapped(schema: JsonObject, value: JsonValue): JsonValue {
  if (hasObjectRoot(schema) || !isJsonObject(value)) return value
  const inner = value[memberName(schema)]
  return inner !== undefined && Object.keys(value).length === 1 ? inner : value
}

/** A name that the schema itself does not speak of. */
function memberName(schema: JsonObject): string {
  const text = JSON.stringify(schema)
  let name = 'value'
  while (text.includes(JSON.stringify(name))) name += '_'
  return name
}

function freeName(name: string, among: JsonValue | undefined): string {
  let free = name
  while (isJsonObject(among) && free in among) free += '_'
  return free
}

/** A schema with what referred to its old root, and not to a definition, referring to its new place. */
function withMovedReferences(schema: JsonObject, root: string): JsonObject {
  const changed = mapSubschemas(schema, (subschema) => withMovedReferences(subschema, root))
  const { $ref } = changed
  return typeof $ref === 'string' && /^#(?:$|\/(?!\$defs\/|definitions\/))/.test($ref)
    ? { ...changed, $ref: `#/$defs/${root}${$ref.slice(1)}` }
    : changed
}
