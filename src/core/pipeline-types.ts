import type { ColumnError, Row } from './columns.ts'

type IsAny<T> = 0 extends 1 & T ? true : false

/** Columns that a step needs and `Have` lacks. */
type Missing<Have, In> = Exclude<
  { [K in keyof In]-?: undefined extends In[K] ? never : K }[keyof In],
  keyof Have
> &
  string

/** Columns that `Have` holds with a type that a step does not take. */
type Mistyped<Have, In> = {
  [K in keyof In & keyof Have]: Have[K] extends In[K] ? never : K
}[keyof In & keyof Have] &
  string

/** Columns that are there already and that the step neither reads nor replaces. */
type Taken<Have, In, Out> = Exclude<keyof Have & keyof Out, keyof In | 'model_name'> & string

/**
 * `unknown` where a step that reads `In` and writes `Out` fits behind the columns `Have`,
 * otherwise a sentence.
 */
export type Fits<Have, In, Out> =
  IsAny<Have> extends true
    ? unknown
    : string extends keyof Out
      ? unknown // a misspelt name in `outputs`; the compiler reports it there
      : [Missing<Have, In>] extends [never]
        ? [Mistyped<Have, In>] extends [never]
          ? [Taken<Have, In, Out>] extends [never]
            ? unknown
            : ColumnError<`column '${Taken<Have, In, Out>}' is already written`>
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

/** The columns of all branches side by side; those that only branches have may be `Absent`. */
export type Merged<Columns, Each, Absent> =
  UnionToIntersection<Each> extends infer All extends Row
    ? [Absent] extends [never]
      ? All
      : { readonly [K in keyof All as K extends keyof Columns ? never : K]: All[K] | Absent }
    : Row
