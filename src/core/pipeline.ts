import { Branches, Leaf, pipelineKey } from './branches.ts'
import type { NameOf, Renamed, Row, Simplify } from './columns.ts'
import type { Route } from './define-route.ts'
import { RetortError } from './errors.ts'
import type { Behind, Fits, Mapped } from './pipeline-types.ts'
import { ownModelsIn } from './own-models.ts'
import type { AnyCode } from './registry.ts'
import { parsePipelineSpec } from './spec.ts'
import type { PipelineSpec, RowTarget, StepSpec } from './spec.ts'
import { definitionKey } from './step.ts'
import type { ColumnChange, GeneratorCode, GeneratorStep, Step, StepCode } from './step.ts'

/** What a pipeline consists of while it is being described. */
interface Parts {
  readonly name: string
  readonly seed: number | undefined
  readonly rows: RowTarget | undefined
  readonly steps: readonly StepSpec[]
  readonly definitions: readonly AnyCode[]
  /** The steps that nothing comes after on the way described so far. */
  readonly ends: readonly string[]
  /** Names of the branches around what is described, outermost first. */
  readonly branch: readonly string[]
}

/** Makes a branch out of the pipeline so far. */
export type Branch<Columns extends Row> = (
  prefix: Pipeline<Columns>,
) => { readonly columns: Row } | Leaf

/** How rows go to branches. */
export interface BranchOptions<Columns extends Row, In extends Row = Columns> {
  /** Which branches each row goes to, such as `sampleSteps(2)`. */
  readonly route: Route<In> & Fits<Columns, In, {}>
}

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
    step: GeneratorStep<Out, GeneratorCode>,
    options: PipelineOptions = {},
  ): Pipeline<Out> {
    const first = options.step ?? 'load'
    const { type, params } = step
    return new Pipeline({
      ...noParts(name, options),
      steps: [{ name: first, type, params }],
      definitions: codeOf(step),
      ends: [first],
    })
  }

  /**
   * Begins a pipeline with the steps of several others, each with a generator of its own: `group` and `merge` bring
   * their rows together one by one, the first with the first, `concatenate` one after the other.
   *
   * The names of their steps have to differ; `{ step }` names a first one. Their seeds and numbers of rows don't count.
   */
  static combine<const B extends Readonly<Record<string, { readonly columns: Row }>>>(
    name: string,
    pipelines: B,
    options: Pick<PipelineOptions, 'seed'> = {},
  ): Branches<{}, { [K in keyof B]: B[K]['columns'] }[keyof B]> {
    const described = Object.entries(pipelines).map(([branch, end]) => {
      if (!(end instanceof Pipeline))
        throw new RetortError('spec-invalid', `'${branch}' of pipeline '${name}' is no pipeline.`)
      return { name: branch, end: end as Pipeline<Row>, isLeaf: false }
    })
    const empty = new Pipeline<{}>(noParts(name, options))
    return new Branches((step) => empty.#join(empty, described, step))
  }

  /**
   * Makes rows until so many pass every step, and takes at most so many source rows for them; the dataset has exactly
   * `accepted` rows, the first that pass.
   *
   * Source rows are taken in waves of what is missing, so that hardly more is asked of models than is needed. Generators
   * that can make any number of rows make as many as it takes. Where not enough pass, the run fails and says how many
   * did; what it asked is kept.
   */
  rows(target: RowTarget): Pipeline<Columns> {
    return new Pipeline({ ...this.#parts, rows: target })
  }

  /** The pipeline as JSON. @throws RetortError where it is not well formed, such as two steps of one name */
  get spec(): PipelineSpec {
    const { name, seed, rows, steps } = this.#parts
    return parsePipelineSpec(
      {
        version: 1,
        name,
        ...(seed === undefined ? {} : { seed }),
        ...(rows === undefined ? {} : { rows }),
        steps,
      },
      `Pipeline '${name}'`,
    )
  }

  /** The code of its steps, their routes and those of their models that are not built in. */
  get definitions(): readonly AnyCode[] {
    return this.#parts.definitions
  }

  toJSON(): PipelineSpec {
    return this.spec
  }

  /** Adds a step behind the last one; `columns` maps its column names to the data's where they differ. */
  step<In extends Row, Out extends Row, Change extends ColumnChange = never>(
    name: string,
    step: Step<In, Out, Change, StepCode> & Fits<Columns, In, Out, Change['drops']>,
  ): Pipeline<Behind<Columns, Out, Change>>
  step<
    In extends Row,
    Out extends Row,
    Change extends ColumnChange = never,
    const Inputs extends { readonly [K in keyof In]?: NameOf<Columns, In[K]> } = {},
    const Outputs extends { readonly [K in keyof Out]?: string } = {},
  >(
    name: string,
    step: Step<In, Out, Change, StepCode> &
      Fits<Columns, Mapped<In, Inputs>, Renamed<Out, Outputs>, Change['drops']>,
    columns: { readonly inputs?: Inputs; readonly outputs?: Outputs },
  ): Pipeline<Behind<Columns, Renamed<Out, Outputs>, Change, Inputs, Outputs>>
  step(
    name: string,
    step: Step<never, Row, ColumnChange, StepCode>,
    columns: Pick<StepSpec, 'inputs' | 'outputs'> = {},
  ): unknown {
    const { type, params } = step
    return this.#with({ name, type, params, after: this.#parts.ends, ...columns }, codeOf(step))
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

  /**
   * Sends every row to each branch, or to those that a route chooses for it; `group` or `merge` brings them together,
   * `leaves` lets each be a part of the dataset.
   */
  branch<const B extends Readonly<Record<string, Branch<Columns>>>>(
    branches: B,
  ): Branches<Columns, Each<B>>
  branch<const B extends Readonly<Record<string, Branch<Columns>>>, In extends Row>(
    branches: B,
    options: BranchOptions<Columns, In>,
  ): Branches<Columns, Each<B>, null>
  branch(
    branches: Readonly<Record<string, Branch<Columns>>>,
    options: { readonly route?: Route<never> } = {},
  ): unknown {
    const described = Object.entries(branches).map(([name, describe]) => {
      const branch = [...this.#parts.branch, name]
      const end = describe(new Pipeline({ ...this.#parts, branch }))
      const of = end instanceof Leaf ? end[pipelineKey] : end
      if (!(of instanceof Pipeline))
        throw new RetortError('spec-invalid', `Branch '${name}' returns no pipeline.`)
      return { name, end: of as Pipeline<Row>, isLeaf: end instanceof Leaf }
    })
    if (described.length === 0)
      throw new RetortError(
        'spec-invalid',
        `A branch of pipeline '${this.#parts.name}' has no branches.`,
      )
    const prefix = options.route === undefined ? this : this.#routed(options.route, described)
    return new Branches<Columns, Row>((step) => prefix.#join(this, described, step))
  }

  /** Ends a branch here: its rows are a part of the dataset, and nothing joins them with those of other branches. */
  leaf(): Leaf {
    return new Leaf(this)
  }

  /** The same with a route behind its last step. */
  #routed(route: Route<never>, described: readonly DescribedBranch[]): Pipeline<Columns> {
    const [end, ...others] = this.#parts.ends
    if (end === undefined || others.length > 0)
      throw new RetortError(
        'spec-invalid',
        `A route of pipeline '${this.#parts.name}' comes after several steps; bring them together before it.`,
      )
    const firsts = described.map(({ name, end: branch }) => {
      const first = branch.#parts.steps.find((step) => !this.#parts.steps.includes(step))
      if (first === undefined)
        throw new RetortError(
          'spec-invalid',
          `Branch '${name}' of pipeline '${this.#parts.name}' has no steps, so no row can be sent there.`,
        )
      return [name, first.name] as const
    })
    const { type, params } = route
    const isNamedAlike = firsts.every(([name, first]) => name === first)
    const spec = {
      type,
      params,
      ...(isNamedAlike ? {} : { branches: Object.fromEntries(firsts) }),
    }
    const steps = this.#parts.steps.map((step) =>
      step.name === end ? { ...step, route: spec } : step,
    )
    const definitions = [...new Set([...this.#parts.definitions, route[definitionKey]])]
    return new Pipeline({ ...this.#parts, steps, definitions })
  }

  /** @param from - this pipeline as the branches know it, without a route */
  #join(
    from: Pipeline<Columns>,
    branches: readonly DescribedBranch[],
    step: Omit<StepSpec, 'after'> | undefined,
  ): Pipeline<Row> {
    const shared = new Set(from.#parts.steps)
    const steps = [
      ...this.#parts.steps,
      ...branches.flatMap(({ end }) => end.#parts.steps.filter((own) => !shared.has(own))),
    ]
    const definitions = [
      ...new Set([
        ...this.#parts.definitions,
        ...branches.flatMap(({ end }) => end.#parts.definitions),
      ]),
    ]
    const endsOf = (some: readonly DescribedBranch[]) => some.flatMap(({ end }) => end.#parts.ends)
    const joined = new Pipeline<Row>({ ...this.#parts, steps, definitions, ends: endsOf(branches) })
    if (step === undefined) return joined
    return joined.#with({ ...step, after: endsOf(branches.filter(({ isLeaf }) => !isLeaf)) })
  }

  #with<Next extends Row>(step: StepSpec, definitions: readonly AnyCode[] = []): Pipeline<Next> {
    const known = this.#parts.definitions
    return new Pipeline({
      ...this.#parts,
      steps: [...this.#parts.steps, step],
      definitions: [...new Set([...known, ...definitions])],
      ends: [step.name],
    })
  }
}

/** A pipeline of which nothing is described yet. */
function noParts(name: string, { seed }: Pick<PipelineOptions, 'seed'>): Parts {
  return { name, seed, rows: undefined, steps: [], definitions: [], ends: [], branch: [] }
}

/** The code of a step, and of the models that it asks. */
function codeOf(
  step: Step<never, Row, ColumnChange, StepCode> | GeneratorStep<Row, GeneratorCode>,
): readonly AnyCode[] {
  return [...new Set([step[definitionKey], ...ownModelsIn(step.params)])]
}

/** A branch as it was described. */
interface DescribedBranch {
  readonly name: string
  readonly end: Pipeline<Row>
  readonly isLeaf: boolean
}
