import type { Row } from './columns.ts'
import type { JsonObject } from './json.ts'
import type { Pipeline } from './pipeline.ts'
import type { KeysOfUnion, Merged, Stacked } from './pipeline-types.ts'
import type { StepSpec } from './spec.ts'
import type { JoinParams } from './step.ts'

/** What stands for values that may be missing. */
type OrNull<Options> = Options extends { readonly onMissing: 'null' } ? null : never

/** Where a branch that ends alone keeps its pipeline. */
export const pipelineKey: unique symbol = Symbol('pipeline')

/** A branch that ends alone; what `pipeline.leaf()` returns. */
export class Leaf {
  readonly [pipelineKey]: object

  constructor(pipeline: object) {
    this[pipelineKey] = pipeline
  }
}

/** Branches that are not yet brought together. */
export class Branches<in out Columns extends Row, in out EachColumns, in out Absent = never> {
  /** Phantom; never present at run time. What stands for the columns of a branch that a row did not go to. */
  declare readonly absent: Absent
  readonly #join: (step: Omit<StepSpec, 'after'> | undefined) => Pipeline<Row>

  constructor(join: (step: Omit<StepSpec, 'after'> | undefined) => Pipeline<Row>) {
    this.#join = join
  }

  /** Joins the branches row by row: each named column becomes a list, one item a branch, in declared order. */
  group<
    const Names extends { readonly [K in KeysOfUnion<EachColumns> & string]?: string },
    const Options extends JoinParams = {},
  >(
    name: string,
    names: Names & { readonly [K in Exclude<keyof Names, KeysOfUnion<EachColumns>>]: never },
    options?: Options,
  ): Pipeline<
    Columns & {
      readonly [K in keyof Names as Names[K] & string]: (
        | (EachColumns extends { readonly [P in K]: infer Value } ? Value : never)
        | OrNull<Options>
      )[]
    }
  > {
    const params: JsonObject = {
      columns: Object.keys(names),
      outputColumns: Object.values<string>(names),
      ...options,
    }
    // The compiler's columns follow from `Names`; the engine works them out again from the parameters.
    return this.#join({ name, type: 'GroupColumns', params }) as never
  }

  /** Joins the branches row by row: all their columns side by side, `null` where a route sent the row elsewhere. */
  merge<const Options extends JoinParams = {}>(
    name: string,
    options?: Options,
  ): Pipeline<Columns & Merged<Columns, EachColumns, Absent | OrNull<Options>>> {
    // As above.
    return this.#join({ name, type: 'CombineOutputs', params: { ...options } }) as never
  }

  /**
   * Puts the rows of the branches one after the other, in declared order: each is a row of its own, `null` in the columns
   * that its branch lacks. What comes behind it begins when all of them are there.
   */
  concatenate(name: string): Pipeline<Stacked<EachColumns>> {
    // As above.
    return this.#join({ name, type: 'Concatenate' }) as never
  }

  /** Lets every branch end alone: each is a part of the dataset, named after its last step. */
  leaves(): Pipeline<EachColumns extends Row ? EachColumns : Row> {
    // As above.
    return this.#join(undefined) as never
  }
}
