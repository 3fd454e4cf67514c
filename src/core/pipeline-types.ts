import type { ColumnError, Renamed, Row, UnknownColumns } from './columns.ts'
import type { ColumnChange } from './step.ts'

type IsAny<T> = 0 extends 1 & T ? true : false

/** Columns that a step needs and `Have` lacks. */
type Missing<Have, In> = Exclude<
  { [K in keyof In]-?: {} extends Pick<In, K> ? never : K }[keyof In],
  keyof Have
> &
  string

/** Columns that `Have` holds with a type that a step does not take. */
type Mistyped<Have, In> = {
  [K in keyof In & keyof Have]: Have[K] extends In[K] ? never : K
}[keyof In & keyof Have] &
  string

/** Columns that are there already and that the step neither reads, drops nor replaces. */
type Taken<Have, In, Out, Drops> = Exclude<
  keyof Have & keyof Out,
  keyof In | Drops | 'model_name'
> &
  string

/**
 * `unknown` where a step that reads `In`, writes `Out` and does not let `Drops` pass fits behind the columns `Have`,
 * otherwise a sentence.
 */
export type Fits<Have, In, Out, Drops = never> =
  IsAny<Have> extends true
    ? unknown
    : string extends keyof Out
      ? unknown // a misspelt name in `outputs`; the compiler reports it there
      : [Missing<Have, In>] extends [never]
        ? [Mistyped<Have, In>] extends [never]
          ? [Taken<Have, In, Out, Drops>] extends [never]
            ? unknown
            : ColumnError<`column '${Taken<Have, In, Out, Drops>}' is already written`>
          : ColumnError<`column '${Mistyped<Have, In>}' has another type than the step reads`>
        : ColumnError<`column '${Missing<Have, In>}' is read, but no earlier step writes it`>

/**
 * The columns behind a step that writes `Out`.
 *
 * Only a column that changes its type goes through `Omit`: a plain intersection stays cheap for hundreds of steps.
 */
export type Grown<Have extends Row, Out extends Row> =
  IsAny<Have> extends true
    ? Have
    : [ChangedType<Have, Out>] extends [never]
      ? Have & Out
      : Omit<Have, ChangedType<Have, Out>> & Out

type ChangedType<Have, Out> = {
  [K in keyof Have & keyof Out]: Have[K] extends Out[K] ? (Out[K] extends Have[K] ? never : K) : K
}[keyof Have & keyof Out]

/** The columns behind a step: {@link Grown}, unless `Change` says more of them. */
export type Behind<
  Have extends Row,
  Out extends Row,
  Change extends ColumnChange,
  Inputs = {},
  Outputs = {},
> = [Change] extends [never]
  ? Grown<Have, Out>
  : IsAny<Have> extends true
    ? Have
    : Changed<Have, Change & { readonly before: OwnNames<Have, Inputs> }, Inputs, Outputs>

type Changed<Have, Change extends ColumnChange, Inputs, Outputs> =
  IsAny<Change['writes']> extends true
    ? UnknownColumns
    : Replaced<Have, MappedName<Change['drops'], Inputs>, Renamed<Change['writes'], Outputs>>

type Replaced<Have, Drops, Writes extends Row> = Omit<Have, (Drops & string) | keyof Writes> &
  Writes

/** `Have` under the names that a step has for its columns. */
type OwnNames<Have, Inputs> = Omit<Have, keyof Inputs> & {
  [Own in keyof Inputs]: Have[Inputs[Own] & keyof Have]
}

type MappedName<Name, Inputs> = Name extends keyof Inputs ? Inputs[Name] : Name

/** The data's columns that a step reads, when `Inputs` maps the step's names to them. */
export type Mapped<In, Inputs> = {
  [K in keyof In as K extends keyof Inputs ? (Inputs[K] extends string ? Inputs[K] : K) : K]: In[K]
}

/** Turns a union into an intersection. */
export type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (
  i: infer I,
) => void
  ? I
  : never

/** Every key that some member of a union has. */
export type KeysOfUnion<U> = U extends unknown ? keyof U : never

/** The columns of rows that come from several branches: `null` where a row's branch lacks one. */
export type Stacked<Each> = {
  readonly [K in KeysOfUnion<Each>]: Each extends unknown
    ? K extends keyof Each
      ? Each[K]
      : null
    : never
}

/** The columns of all branches side by side; those that only branches have may be `Absent`. */
export type Merged<Columns, Each, Absent> =
  UnionToIntersection<Each> extends infer All extends Row
    ? [Absent] extends [never]
      ? All
      : { readonly [K in keyof All as K extends keyof Columns ? never : K]: All[K] | Absent }
    : Row
