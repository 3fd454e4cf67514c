import type { UnknownColumns } from '../../core/columns.ts'
import type { JsonValue } from '../../core/json.ts'
import type { ColumnChange } from '../../core/step.ts'

/** Columns by which items are found: `columns` as names, or as names with new ones. */
export type Targets<Columns> = Columns extends readonly (infer Name)[]
  ? { readonly [K in Name & string]: K }
  : Columns

/** Whether a column of this name is JSON in a text. */
type IsEncoded<Name, Encoded> = Encoded extends readonly (infer One)[]
  ? Name extends One
    ? true
    : false
  : Encoded

/** The columns that are expanded, as a row has them. */
export type ExpandInput<Columns, Encoded> = string extends keyof Targets<Columns>
  ? {}
  : {
      readonly [Name in keyof Targets<Columns> & string]: IsEncoded<Name, Encoded> extends true
        ? string
        : IsEncoded<Name, Encoded> extends false
          ? readonly unknown[]
          : string | readonly unknown[]
    }

/** What is known of the columns of items without knowing the lists. */
export type ExpandOutput<Columns> = string extends keyof Targets<Columns>
  ? {}
  : {
      readonly [Name in keyof Targets<Columns> & string as Targets<Columns>[Name] & string]: unknown
    }

/** Gives each column of items the type that the items of its lists have. */
export interface ExpandChange<Columns, Encoded> extends ColumnChange {
  readonly drops: never
  readonly writes: string extends keyof Targets<Columns>
    ? UnknownColumns
    : ItemColumns<Targets<Columns>, Encoded, this['before']>
}

type ItemColumns<Names, Encoded, Before> = {
  readonly [Name in keyof Names & string as Names[Name] & string]: IsEncoded<
    Name,
    Encoded
  > extends false
    ? ItemOf<Before[Name & keyof Before]>
    : JsonValue
}

type ItemOf<List> = List extends readonly (infer Item)[] ? Item : unknown
