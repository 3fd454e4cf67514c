import { toJsonSchema } from '../core/column-schemas.ts'
import type { Schema } from '../core/columns.ts'
import { RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import type { ModelSpec } from '../core/llm-spec.ts'
import { capitalized, nearestName } from '../core/names.ts'

/** Reads the parameters of a model as {@link checkParams} does, where nobody knows whose model it is. */
export function readParams<Params>(schema: Schema<Params>, { type, params }: ModelSpec): Params {
  return checkParams(schema, params, `a model of type ${type}`)
}

/**
 * Reads a model's parameters.
 *
 * @throws RetortError `parameter-unknown` with the nearest name, `parameter-invalid`
 */
export function checkParams<Params>(schema: Schema<Params>, given: unknown, who: string): Params {
  checkNames(toJsonSchema(schema, 'input', `the parameters of ${who}`), given, '', who)
  const checked = schema['~standard'].validate(given)
  if (checked instanceof Promise)
    throw new RetortError(
      'spec-invalid',
      `The parameter schema of ${who} is asynchronous; use a synchronous one.`,
    )
  if (checked.issues === undefined) return checked.value
  const [issue] = checked.issues
  const path = (issue?.path ?? [])
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.')
  const value = valueAt(given, path.split('.'))
  throw new RetortError(
    'parameter-invalid',
    value === undefined
      ? `${capitalized(who)} needs the parameter '${path}'.`
      : `Parameter '${path}' of ${who} is ${JSON.stringify(value)?.slice(0, 100)}: ${issue?.message ?? 'invalid'}.`,
  )
}

function checkNames(schema: unknown, value: unknown, path: string, who: string): void {
  if (!isObject(schema) || !isObject(value)) return
  const known = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [name, member] of Object.entries(value)) {
    if (known[name] !== undefined) checkNames(known[name], member, `${path}${name}.`, who)
    else if (schema['additionalProperties'] === false)
      throw new RetortError(
        'parameter-unknown',
        `${capitalized(who)} has no parameter '${path}${name}'. ${nearestName(name, Object.keys(known))}`,
      )
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  return isObject(value) || Array.isArray(value)
    ? valueAt(Reflect.get(value, name), rest)
    : undefined
}
