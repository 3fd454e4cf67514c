import fc from 'fast-check'

import type { JsonObject } from '../../src/core/json.ts'
import type { PipelineSpec, StepSpec } from '../../src/core/spec.ts'

/** What a pipeline is made of, drawn at random. */
export interface Graph {
  readonly roots: readonly Root[]
  /** How several roots come together. */
  readonly end: 'group' | 'combine' | 'concatenate'
  readonly onMissing: 'reject' | 'null'
  readonly parts: readonly Part[]
  readonly seed: number
}

interface Root {
  readonly kind: 'LoadDataFromDicts' | 'ListedRows' | 'AskForRows'
  readonly values: readonly number[]
  readonly parts: readonly Part[]
}

type Part =
  | {
      readonly kind: 'row'
      readonly type: string
      readonly salt: number
      readonly isFresh: boolean
    }
  | { readonly kind: 'global'; readonly type: string; readonly salt: number }
  | Fork

interface Fork {
  readonly kind: 'fork'
  readonly branches: readonly (readonly Part[])[]
  /** Branches that end alone. */
  readonly alone: readonly (readonly Part[])[]
  readonly route: 'none' | 'one' | 'two' | 'value'
  readonly end: 'group' | 'combine' | 'concatenate' | 'first'
  readonly onMissing: 'reject' | 'null'
  /** Whether the step at which the branches part is one of those that are combined, or what is put together has other columns. */
  readonly isDirect: boolean
  readonly salt: number
}

/** Makes one row of one. */
const rowTypes = ['Mark', 'Blur', 'Identify', 'LeaveOut', 'Refuse', 'Prefer', 'Ask', 'SampleRows']
/** Makes several, or changes places, so that rows have no partners in other branches. */
const otherRowTypes = ['Multiply', 'KeepColumns']
const globalTypes = ['ShuffleRows', 'DeduplicateRows', 'LimitRows', 'Weigh', 'Stir']

const salt = fc.nat(9)
const { parts } = fc.letrec<{ part: Part; parts: readonly Part[] }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('row' as const),
        type: fc.constantFrom(...rowTypes, ...otherRowTypes, 'Multiply'),
        salt,
        isFresh: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('global' as const),
        type: fc.constantFrom(...globalTypes),
        salt,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fork' as const),
        branches: fc.array(tie('parts'), { minLength: 2, maxLength: 3 }),
        alone: fc.array(tie('parts'), { maxLength: 1 }),
        route: fc.constantFrom('none', 'one', 'two', 'value'),
        end: fc.constantFrom('group', 'combine', 'concatenate', 'first'),
        onMissing: fc.constantFrom('reject', 'null'),
        isDirect: fc.boolean(),
        salt,
      }),
    },
  ),
  parts: fc.array(tie('part'), { maxLength: 3 }),
}))

/** Random pipelines; most source rows of each generator. */
export function randomGraph(mostRows: number): fc.Arbitrary<Graph> {
  const root = fc.record({
    kind: fc.constantFrom(
      'LoadDataFromDicts' as const,
      'ListedRows' as const,
      'AskForRows' as const,
    ),
    values: fc.array(fc.nat(12), { minLength: 1, maxLength: mostRows, size: 'max' }),
    parts,
  })
  return fc.record({
    roots: fc.oneof(
      { weight: 3, arbitrary: fc.array(root, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(root, { minLength: 2, maxLength: 3 }) },
    ),
    end: fc.constantFrom('group', 'combine', 'concatenate'),
    onMissing: fc.constantFrom('reject', 'null'),
    parts,
    seed: fc.nat(3),
  })
}

/**
 * The same with a join of any two steps at its end, whatever branches they are on; `undefined` where their rows have no
 * partners in each other.
 */
export function withCrossing(
  spec: PipelineSpec,
  one: number,
  other: number,
): PipelineSpec | undefined {
  const { steps } = spec
  const befores = (index: number) =>
    (steps[index]?.after ?? []).map((name) => steps.findIndex((step) => step.name === name))
  /** Of each step it and all that its rows come from, and of these the ones that every row comes from. */
  const above: Set<number>[] = []
  const through: number[][] = []
  for (const index of steps.keys()) {
    const [first = [], ...others] = befores(index).map((before) => through[before] ?? [])
    above.push(new Set([index, ...befores(index).flatMap((before) => [...(above[before] ?? [])])]))
    through.push([...first.filter((step) => others.every((way) => way.includes(step))), index])
  }
  const ends = [one % steps.length, other % steps.length]
  const [first = [], second = []] = ends.map((end) => through[end] ?? [])
  const fork = Math.max(...first.filter((step) => second.includes(step)))
  const shared = fork < 0 ? undefined : above[fork]
  const between = ends
    .flatMap((end) => [...(above[end] ?? [])])
    .filter((step) => shared?.has(step) !== true)
  const isMovedOrMany = (step: number) =>
    ['Multiply', 'Concatenate', ...globalTypes].includes(steps[step]?.type ?? '')
  if (ends[0] === ends[1] || between.some(isMovedOrMany)) return undefined
  const [column = ''] = Object.values(steps[Math.max(fork, 0)]?.outputs ?? {})
  const crossing: StepSpec = {
    name: 'crossing',
    type: 'GroupColumns',
    after: ends.map((end) => steps[end]?.name ?? ''),
    params: { columns: [column], outputColumns: ['crossed'], onMissing: 'reject' },
  }
  return { ...spec, steps: [...steps, crossing] }
}

/** The same with one end: nothing ends alone. */
export function withOneEnd(graph: Graph): Graph {
  const joined = (parts: readonly Part[]): Part[] =>
    parts.map((part) =>
      part.kind === 'fork'
        ? {
            ...part,
            end: part.end === 'first' ? 'group' : part.end,
            branches: part.branches.map(joined),
            alone: [],
          }
        : part,
    )
  const roots = graph.roots.map((root) => ({ ...root, parts: joined(root.parts) }))
  return { ...graph, roots, parts: joined(graph.parts) }
}

/** The step that a way has come to, and the column that the next one reads. */
interface Place {
  readonly step: string
  readonly column: string
}

/** What holds for the steps of a way. */
interface Way {
  /** Whether it is joined row by row, so that each row keeps its place. */
  readonly isJoined: boolean
  /** Whether columns that are there have to stay as they are. */
  readonly isAdding: boolean
  /** Whether rows are found by their origins where they are joined, so that they may stand in another order there. */
  readonly mayMove: boolean
}

const free: Way = { isJoined: false, isAdding: false, mayMove: true }
/** Global steps that make at most one row of one. */
const movingTypes = ['ShuffleRows', 'DeduplicateRows', 'LimitRows']
const llm: JsonObject = { type: 'SimulatedLLM', params: {} }

/** The pipeline of a graph. */
export function specOf(graph: Graph, target?: PipelineSpec['rows']): PipelineSpec {
  const builder = new SpecBuilder()
  builder.build(graph)
  const { steps } = builder
  return {
    version: 1,
    name: 'graph',
    seed: graph.seed,
    ...(target === undefined ? {} : { rows: target }),
    steps,
  }
}

class SpecBuilder {
  readonly steps: StepSpec[] = []
  #columns = 0

  build({ roots, end, onMissing, parts: behind }: Graph): void {
    const isAlone = roots.length === 1
    const target = this.#fresh()
    const ends = roots.map((root) => {
      const way =
        isAlone || end === 'concatenate'
          ? free
          : { isJoined: true, isAdding: end === 'combine', mayMove: false }
      const place = this.#walk(root.parts, this.#root(root), way)
      return isAlone || end === 'combine' ? place : this.#mark(place, 0, target)
    })
    const place = isAlone ? ends[0] : this.#end(ends, end, onMissing, target)
    if (place !== undefined) this.#walk(behind, place, free)
  }

  #root({ kind, values }: Root): Place {
    const column = this.#fresh()
    const params: JsonObject =
      kind === 'AskForRows'
        ? { llm, numRows: values.length }
        : kind === 'ListedRows'
          ? { values }
          : { data: values.map((v) => ({ v })) }
    return { step: this.#add(kind, [], { params, outputs: { v: column } }), column }
  }

  #walk(parts: readonly Part[], from: Place, way: Way): Place {
    return parts.reduce((place, part) => this.#part(part, place, way), from)
  }

  #part(part: Part, place: Place, way: Way): Place {
    if (part.kind === 'fork') return this.#fork(part, place, way)
    const after = [place.step]
    const { column } = place
    const mayMove = !way.isJoined || (way.mayMove && movingTypes.includes(part.type))
    if (part.kind === 'global' && mayMove) {
      const { type, salt } = part
      const mapped = { inputs: { v: column }, outputs: { v: column } }
      switch (type) {
        case 'ShuffleRows':
          return { step: this.#add(type, after), column }
        case 'DeduplicateRows':
          return {
            step: this.#add(type, after, salt > 6 ? {} : { params: { columns: [column] } }),
            column,
          }
        case 'LimitRows':
          return {
            step: this.#add(type, after, { params: { limit: 1 + salt * 3, offset: salt % 3 } }),
            column,
          }
        default:
          return { step: this.#add(type, after, { params: { salt }, ...mapped }), column }
      }
    }
    const { type, salt } = part
    if (way.isJoined && !rowTypes.includes(type)) return this.#mark(place, salt, this.#fresh())
    if (type === 'SampleRows')
      return { step: this.#add(type, after, { params: { probability: 0.7 } }), column }
    if (type === 'KeepColumns')
      return { step: this.#add(type, after, { params: { columns: [column] } }), column }
    if (type === 'LeaveOut' || type === 'Refuse')
      return { step: this.#add(type, after, { params: { salt }, inputs: { v: column } }), column }
    const isFresh = way.isAdding || (part.kind === 'row' && part.isFresh)
    const written = isFresh ? this.#fresh() : column
    const params: JsonObject =
      type === 'Identify' ? {} : type === 'Ask' ? { salt, llm, maxReasks: salt % 3 } : { salt }
    return {
      step: this.#add(type, after, { params, inputs: { v: column }, outputs: { v: written } }),
      column: written,
    }
  }

  #fork(fork: Fork, from: Place, way: Way): Place {
    const { end, route, isDirect, onMissing } = fork
    // What stands on its own can only be put behind the others where no row has to keep its place.
    const ending = end === 'concatenate' && way.isJoined ? 'group' : end
    const branchWay = (index: number): Way =>
      ending === 'group' || ending === 'combine'
        ? { isJoined: true, isAdding: way.isAdding || end === 'combine', mayMove: way.mayMove }
        : ending === 'first' && index === 0
          ? way
          : free
    const target = this.#fresh()
    const firsts: string[] = []
    const walk = (parts: readonly Part[], salt: number, own: Way) => {
      const first = this.#mark(from, salt, this.#fresh())
      firsts.push(first.step)
      return this.#walk(parts, first, own)
    }
    const ends = fork.branches.map((parts, index) => {
      const place = walk(parts, index, branchWay(index))
      return ending === 'group' || (ending === 'concatenate' && !isDirect)
        ? this.#mark(place, index, target)
        : place
    })
    for (const parts of fork.alone) walk(parts, 7, free)
    if (route !== 'none') this.#route(from, fork, firsts)
    if (ending === 'first') return ends[0] ?? from
    const isForkItself = ending === 'combine' && route === 'none' && isDirect
    return this.#end(isForkItself ? [from, ...ends] : ends, ending, onMissing, target)
  }

  #end(
    ends: readonly Place[],
    end: 'group' | 'combine' | 'concatenate',
    onMissing: string,
    target: string,
  ): Place {
    const after = ends.map(({ step }) => step)
    // Others may lack that column.
    if (end === 'concatenate')
      return { step: this.#add('Concatenate', after), column: ends[0]?.column ?? '' }
    if (end === 'combine')
      return {
        step: this.#add('CombineOutputs', after, { params: { onMissing } }),
        column: ends.at(-1)?.column ?? '',
      }
    const params = { columns: [target], outputColumns: [target], onMissing }
    return { step: this.#add('GroupColumns', after, { params }), column: target }
  }

  #route({ step, column }: Place, { route, salt }: Fork, firsts: readonly string[]): void {
    const index = this.steps.findIndex(({ name }) => name === step)
    const found = this.steps[index]
    if (found === undefined) return
    const branches = Object.fromEntries(firsts.map((first, at) => [`branch-${at}`, first]))
    this.steps[index] = {
      ...found,
      route:
        route === 'value'
          ? { type: 'ByValue', params: { column, salt }, branches }
          : { type: 'SampleSteps', params: { size: route === 'one' ? 1 : 2 }, branches },
    }
  }

  #mark({ step, column }: Place, salt: number, written: string): Place {
    const mapped = { inputs: { v: column }, outputs: { v: written } }
    return { step: this.#add('Mark', [step], { params: { salt }, ...mapped }), column: written }
  }

  #add(type: string, after: readonly string[], others: Partial<StepSpec> = {}): string {
    const name = `s${this.steps.length}-${type}`
    this.steps.push({ name, type, ...(after.length === 0 ? {} : { after }), ...others })
    return name
  }

  #fresh(): string {
    return `c${this.#columns++}`
  }
}
