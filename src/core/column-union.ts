import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import type { Row } from './columns.ts'
import type { ColumnSchemas } from './step.ts'

/** Past these a value is JSON of any shape, so that what is remembered of a source stays small. */
const maxDepth = 12
const maxMembers = 200

/** What was seen in one place. */
interface Shape {
  /** How many values were there, null or not. */
  seen: number
  hasNull: boolean
  readonly kinds: Set<Kind>
  items: Shape | undefined
  members: Map<string, Shape> | undefined
  /** How many of the values were objects; a member seen less often is sometimes missing. */
  objects: number
}

type Kind = 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object' | 'anything'

/** The union over rows of their columns' types. */
export interface ColumnUnion {
  add(row: Row): void
  /**
   * JSON Schema of each column, in the order in which they were first seen.
   *
   * A column that some row lacks may be null. `{}`, also inside of arrays and objects, stands for values that share no
   * type, that are all null, or that are objects with too many different members.
   */
  columns(): ColumnSchemas
}

/** Starts a union of columns without any row. */
export function createColumnUnion(): ColumnUnion {
  const root = emptyShape()
  return {
    add: (row) => observe(root, row, 0),
    columns: () => Object.fromEntries(memberSchemas(root)),
  }
}

/** The columns of rows that are all at hand. */
export function columnsOf(rows: Iterable<Row>): ColumnSchemas {
  const union = createColumnUnion()
  for (const row of rows) union.add(row)
  return union.columns()
}

function emptyShape(): Shape {
  return {
    seen: 0,
    hasNull: false,
    kinds: new Set(),
    items: undefined,
    members: undefined,
    objects: 0,
  }
}

function observe(shape: Shape, value: unknown, depth: number): void {
  shape.seen++
  if (value === null) {
    shape.hasNull = true
  } else if (Array.isArray(value)) {
    shape.kinds.add(depth < maxDepth ? 'array' : 'anything')
    if (depth >= maxDepth) return
    shape.items ??= emptyShape()
    for (const item of value) observe(shape.items, item ?? null, depth + 1)
  } else if (isObject(value)) {
    if (typeof value['toJSON'] === 'function') shape.kinds.add(kindOf(value['toJSON']()))
    else observeObject(shape, value, depth)
  } else {
    shape.kinds.add(kindOf(value))
  }
}

function observeObject(shape: Shape, value: Row, depth: number): void {
  shape.objects++
  shape.kinds.add(depth < maxDepth ? 'object' : 'anything')
  if (depth >= maxDepth) return
  shape.members ??= new Map()
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    let known = shape.members.get(name)
    if (known === undefined) {
      // Names of a row's own columns are never too many to tell.
      if (depth > 0 && shape.members.size >= maxMembers) {
        shape.kinds.add('anything')
        return
      }
      known = emptyShape()
      shape.members.set(name, known)
    }
    observe(known, member, depth + 1)
  }
}

function kindOf(value: unknown): Kind {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return 'anything'
}

function memberSchemas(shape: Shape): [string, JsonObject][] {
  return [...(shape.members ?? [])].map(([name, member]) => [
    name,
    toSchema(member, member.hasNull || member.seen < shape.objects),
  ])
}

function toSchema(shape: Shape, isNullable: boolean): JsonObject {
  const kinds = new Set(shape.kinds)
  if (kinds.has('number')) kinds.delete('integer')
  const [kind, ...others] = kinds
  if (kind === undefined || kind === 'anything' || others.length > 0) return {}
  const type = isNullable ? [kind, 'null'] : kind
  if (kind === 'array')
    return {
      type,
      items: shape.items === undefined ? {} : toSchema(shape.items, shape.items.hasNull),
    }
  if (kind !== 'object') return { type }
  const properties = memberSchemas(shape)
  return properties.length === 0 ? {} : { type, properties: Object.fromEntries(properties) }
}
