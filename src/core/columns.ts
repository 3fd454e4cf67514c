import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/** One record of a dataset: column name to JSON value. */
export type Row = Readonly<Record<string, unknown>>

/**
 * A Standard Schema that also offers JSON Schema (zod 4, arktype, valibot with its adapter),
 * that takes `Input` and gives `T`.
 */
export interface Schema<T, Input = unknown> {
  readonly '~standard': StandardSchemaV1.Props<Input, T> & StandardJSONSchemaV1.Props<Input, T>
}

/** Flattens an intersection, so that an editor shows the columns and not the arithmetic. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** Names of the columns of `Have` that a reader of `Value` accepts. */
export type NameOf<Have, Value> = {
  [K in keyof Have]: Have[K] extends Value ? K : never
}[keyof Have] &
  string

/** The columns `Out` under the names that `Names` gives them. */
export type Renamed<Out, Names> = {
  [K in keyof Out as K extends keyof Names ? Names[K] & string : K]: Out[K]
}

/** A sentence in the place of a type, so that the compiler's message says what is wrong. */
export interface ColumnError<Message extends string> {
  readonly columnError: Message
}

/**
 * Columns of which the compiler knows nothing, so that it accepts every reader.
 *
 * The one `any` of the package: it alone is both wider and narrower than every column.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type UnknownColumns = any

/** The columns that a schema declares; one without any takes rows of every kind, and adds nothing to them. */
export type Declared<T extends object> = string extends keyof T
  ? [T[keyof T]] extends [never]
    ? {}
    : T
  : T
