import formatsModule from 'ajv-formats'
import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { LRUCache } from 'lru-cache'

import { canonicalJson } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { valueAtPointer } from './json-pointer.ts'

/** A JSON Schema that values are checked against. */
export interface CompiledSchema {
  holds(value: JsonValue): boolean
  /** Whether a value holds the schema that a pointer such as `#/anyOf/0` points to within this one. */
  holdsAt(pointer: string, value: JsonValue): boolean
  /** What does not hold; the first thing alone where `all` is false. */
  errors(value: JsonValue, all: boolean): readonly ErrorObject[]
}

const rootKey = 'schema'
const known = new LRUCache<string, CompiledSchema>({ max: 500 })
/** Spares writing a schema as text for each answer; most are one object of a step's parameters. */
const knownObjects = new WeakMap<JsonObject, CompiledSchema>()

/** Makes a JSON Schema of draft 2020-12, or of draft 7 or 6 where it says so, ready. @throws Error where it is none */
export function compileSchema(schema: JsonObject): CompiledSchema {
  const given = knownObjects.get(schema)
  if (given !== undefined) return given
  const text = canonicalJson(schema)
  const compiled = known.get(text) ?? compile(schema)
  known.set(text, compiled)
  knownObjects.set(schema, compiled)
  return compiled
}

function compile({ $schema, ...schema }: JsonObject): CompiledSchema {
  const isOld = findDialect($schema, schema) === 'draft-07'
  const create = (allErrors: boolean) => {
    const ajv = createAjv(isOld, allErrors)
    ajv.addSchema(schema, rootKey)
    return ajv
  }
  const ajv = create(false)
  const validate = validatorOf(ajv, rootKey)
  let thorough: ValidateFunction | undefined
  return {
    holds: (value) => validate(value),
    holdsAt(pointer, value) {
      const part = valueAtPointer(schema, pointer)
      // A schema that is `true` or `false` has no validator of its own.
      if (typeof part === 'boolean') return part
      return validatorOf(ajv, `${rootKey}${pointer}`)(value)
    },
    errors(value, all) {
      if (all) thorough ??= validatorOf(create(true), rootKey)
      const check = all && thorough !== undefined ? thorough : validate
      return check(value) ? [] : (check.errors ?? [])
    },
  }
}

function validatorOf(ajv: Ajv, key: string): ValidateFunction {
  const validate = compiled(ajv, key)
  if (validate === undefined) throw new Error(`nothing is at '${key}'`)
  return validate
}

function compiled(ajv: Ajv, key: string): ReturnType<Ajv['getSchema']> {
  try {
    return ajv.getSchema(key)
  } catch (error) {
    if (!(error instanceof Ajv.MissingRefError)) throw error
    const reference = error.missingRef.replace(/^schema(?=#)/, '')
    throw new Error(`it refers to '${reference}', which is not in it`, { cause: error })
  }
}

/** An instance for each schema, so that the names in one say nothing in another. */
function createAjv(isOld: boolean, allErrors: boolean): Ajv {
  const options = {
    allErrors,
    strict: false,
    logger: false,
    // Or an object's own `constructor` would be looked at where a member of that name is missing.
    ownProperties: true,
    // The dialect's own schema is looked at once, by an instance for all.
    meta: false,
    validateSchema: false,
  } as const
  const ajv = isOld ? new Ajv(options) : new Ajv2020(options)
  formatsModule.default(ajv)
  return ajv
}

type Dialect = 'draft-07' | '2020-12'

const dialects: Partial<Record<Dialect, Ajv>> = {}

function metaAjv(dialect: Dialect): Ajv {
  return (dialects[dialect] ??= new (dialect === 'draft-07' ? Ajv : Ajv2020)({ logger: false }))
}

/** Which dialect a schema is of. @throws Error where it is of none */
function findDialect($schema: JsonValue | undefined, schema: JsonObject): Dialect {
  const isOld = typeof $schema === 'string' && /draft-0\d/.test($schema)
  const dialect = isOld ? 'draft-07' : '2020-12'
  const ajv = metaAjv(dialect)
  if (ajv.validateSchema(schema) === true) return dialect
  // Without a word about its dialect, a schema may still be of the older one, whose tuples look otherwise.
  if ($schema === undefined && metaAjv('draft-07').validateSchema(schema) === true)
    return 'draft-07'
  const [error] = ajv.errors ?? []
  throw new Error(`${error?.instancePath || '/'} ${error?.message ?? 'is invalid'}`)
}
