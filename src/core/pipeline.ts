import type { NameOf, Renamed, Row, Simplify } from './columns.ts'
import { RetortError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { Fits, Grown, KeysOfUnion, Mapped, UnionToIntersection } from './pipeline-types.ts'
import { parsePipelineSpec } from './spec.ts'
import type { PipelineSpec, StepSpec } from './spec.ts'
import { definitionKey } from './step.ts'
import type { AnyDefinition, GeneratorStep, Step } from './step.ts'

/** What a pipeline consists of while it is being described. */
interface Parts {
  readonly name: string
  readonly seed: number | undefined
  readonly steps: readonly StepSpec[]
  readonly definitions: readonly AnyDefinition[]
  /** The steps that nothing comes after on the way described so far. */
  readonly ends: readonly string[]
  /** Names of the branches around what is described, outermost first. */
  readonly branch: readonly string[]
}

/** Makes a branch out of the pipeline so far. */
export type Branch<Columns extends Row> = (prefix: Pipeline<Columns>) => { readonly columns: Row }

/** The columns of every branch, as a union. */
type Each<B> = {
  [K in keyof B]: B[K] extends (prefix: never) => { readonly columns: infer C } ? C : never
}[keyof B]

/** How a pipeline begins. */
export interface PipelineOptions {
  /** What random choices come from, together with a row's content. Default 0. */
  readonly seed?: number
  /** Name of the first step. Default `load`. */
  readonly step?: string
}

/**
 * A description of how a dataset is made: immutable, typed by its columns, and plain JSON underneath.
 *
 * Every method returns a new pipeline. A wrong column is a compile error with a sentence.
 */
export class Pipeline<in out Columns extends Row> {
  /** Phantom; never present at run time. */
  declare readonly columns: Columns
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins a pipeline with a step that makes rows. */
  static from<Out extends Row>(
    name: string,
    step: GeneratorStep<Out>,
    options: PipelineOptions = {},
  ): Pipeline<Out> {
    const first = options.step ?? 'load'
    const { type, params } = step
    return new Pipeline({
      name,
      seed: options.seed,
      steps: [{ name: first, type, params }],
      definitions: [step[definitionKey]],
      ends: [first],
      branch: [],
    })
  }

  /** The pipeline as JSON. @throws RetortError where it is not well formed, such as two steps of one name */
  get spec(): PipelineSpec {
    const { name, seed, steps } = this.#parts
    return parsePipelineSpec(
      { version: 1, name, ...(seed === undefined ? {} : { seed }), steps },
      `Pipeline '${name}'`,
    )
  }

  /** The code of its steps. */
  get definitions(): readonly AnyDefinition[] {
    return this.#parts.definitions
  }

  toJSON(): PipelineSpec {
    return this.spec
  }

  /** Adds a step behind the last one; `columns` maps its column names to the data's where they differ. */
  step<In extends Row, Out extends Row>(
    name: string,
    step: Step<In, Out> & Fits<Columns, In, Out>,
  ): Pipeline<Grown<Columns, Out>>
  step<
    In extends Row,
    Out extends Row,
    const Inputs extends { readonly [K in keyof In]?: NameOf<Columns, In[K]> } = {},
    const Outputs extends { readonly [K in keyof Out]?: string } = {},
  >(
    name: string,
    step: Step<In, Out> & Fits<Columns, Mapped<In, Inputs>, Renamed<Out, Outputs>>,
    columns: { readonly inputs?: Inputs; readonly outputs?: Outputs },
  ): Pipeline<Grown<Columns, Renamed<Out, Outputs>>>
  step(
    name: string,
    step: Step<never, Row>,
    columns: Pick<StepSpec, 'inputs' | 'outputs'> = {},
  ): unknown {
    const { type, params } = step
    return this.#with({ name, type, params, after: this.#parts.ends, ...columns }, [
      step[definitionKey],
    ])
  }

  /** Keeps only these columns, in this order. */
  keep<Name extends keyof Columns & string>(
    ...names: readonly [Name, ...Name[]]
  ): Pipeline<Simplify<Pick<Columns, Name>>> {
    return this.#with({
      name: this.#nameOfKeep(),
      type: 'KeepColumns',
      params: { columns: [...names] },
      after: this.#parts.ends,
    })
  }

  /** A name that no step has, also in the branches beside this one. */
  #nameOfKeep(): string {
    const { steps, branch } = this.#parts
    const base = ['keep', ...branch].join('_').replaceAll(/[^A-Za-z0-9._-]/g, '-')
    const taken = new Set(steps.map((step) => step.name))
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}_${count}`
    return name
  }

  /** Sends every row to each branch; `group` or `merge` brings them together, `leaves` lets each be a part of the dataset. */
  branch<const B extends Readonly<Record<string, Branch<Columns>>>>(
    branches: B,
  ): Branches<Columns, Each<B>> {
    const ends = Object.entries(branches).map(([name, describe]) => {
      const branch = [...this.#parts.branch, name]
      const end = describe(new Pipeline({ ...this.#parts, branch }))
      if (!(end instanceof Pipeline))
        throw new RetortError('spec-invalid', `Branch '${name}' returns no pipeline.`)
      return end as Pipeline<Row>
    })
    if (ends.length === 0)
      throw new RetortError(
        'spec-invalid',
        `A branch of pipeline '${this.#parts.name}' has no branches.`,
      )
    return new Branches((step) => this.#join(ends, step))
  }

  #join(
    branches: readonly Pipeline<Row>[],
    step: Omit<StepSpec, 'after'> | undefined,
  ): Pipeline<Row> {
    const shared = new Set(this.#parts.steps)
    const steps = [
      ...shared,
      ...branches.flatMap((branch) => branch.#parts.steps.filter((own) => !shared.has(own))),
    ]
    const definitions = [...new Set(branches.flatMap((branch) => branch.#parts.definitions))]
    const ends = branches.flatMap((branch) => branch.#parts.ends)
    const joined = new Pipeline<Row>({ ...this.#parts, steps, definitions, ends })
    return step === undefined ? joined : joined.#with({ ...step, after: ends })
  }

  #with<Next extends Row>(
    step: StepSpec,
    definitions: readonly AnyDefinition[] = [],
  ): Pipeline<Next> {
    const known = this.#parts.definitions
    return new Pipeline({
      ...this.#parts,
      steps: [...this.#parts.steps, step],
      definitions: [...known, ...definitions.filter((definition) => !known.includes(definition))],
      ends: [step.name],
    })
  }
}

/** Branches that are not yet brought together. */
export class Branches<in out Columns extends Row, in out EachColumns> {
  readonly #join: (step: Omit<StepSpec, 'after'> | undefined) => Pipeline<Row>

  constructor(join: (step: Omit<StepSpec, 'after'> | undefined) => Pipeline<Row>) {
    this.#join = join
  }

  /** Joins the branches row by row: each named column becomes a list, one item a branch, in declared order. */
  group<const Names extends { readonly [K in KeysOfUnion<EachColumns> & string]?: string }>(
    name: string,
    names: Names & { readonly [K in Exclude<keyof Names, KeysOfUnion<EachColumns>>]: never },
  ): Pipeline<
    Columns & {
      readonly [K in keyof Names as Names[K] & string]: readonly (EachColumns extends {
        readonly [P in K]: infer Value
      }
        ? Value
        : never)[]
    }
  > {
    const params: JsonObject = {
      columns: Object.keys(names),
      outputColumns: Object.values<string>(names),
    }
    // The compiler's columns follow from `Names`; the engine works them out again from the parameters.
    return this.#join({ name, type: 'GroupColumns', params }) as never
  }

  /** Joins the branches row by row: all their columns side by side. */
  merge(
    name: string,
  ): Pipeline<
    Columns &
      (UnionToIntersection<EachColumns> extends Row ? UnionToIntersection<EachColumns> : Row)
  > {
    // As above.
    return this.#join({ name, type: 'CombineOutputs', params: {} }) as never
  }

  /** Lets every branch end alone: each is a part of the dataset, named after its last step. */
  leaves(): Pipeline<EachColumns extends Row ? EachColumns : Row> {
    // As above.
    return this.#join(undefined) as never
  }
}
