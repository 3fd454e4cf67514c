import { noModel } from '../../src/core/run-step.ts'
import { createHash } from 'node:crypto'

import type { Row } from '../../src/core/columns.ts'
import { canonicalJson } from '../../src/core/json.ts'
import { createRandom } from '../../src/core/random.ts'
import { isRejection, reject } from '../../src/core/rejection.ts'
import type { Rejection } from '../../src/core/rejection.ts'
import { isGenerator } from '../../src/core/resolve-pipeline.ts'
import type { ResolvedStep } from '../../src/core/resolve-pipeline.ts'
import type { GlobalDefinition } from '../../src/core/global-step.ts'
import type {
  GeneratorDefinition,
  JoinDefinition,
  RowDefinition,
  StepDefinition,
  StepOutput,
} from '../../src/core/step.ts'

/** A row as the interpreter has it. */
export interface PlainRow {
  readonly origin: string
  readonly identity: string
  readonly row: Row
}

/** A row that a step rejected. */
export interface PlainRejection extends PlainRow {
  readonly step: string
  readonly code: string
  readonly raw: string | null
}

/** What a pipeline makes, step by step. */
export interface Interpretation {
  /** Of each step, by its index, the rows behind it. */
  readonly rows: readonly (readonly PlainRow[])[]
  /** Step by step. */
  readonly rejected: readonly PlainRejection[]
}

/** Why a row is not behind a step. */
type Fate = 'let out' | 'rejected' | 'sent elsewhere'

interface Outcome {
  readonly rows: readonly PlainRow[]
  /** By origin, of rows that are not there. */
  readonly fates: ReadonlyMap<string, Fate>
  /** Of a generator, what it makes rows of. */
  readonly begun?: readonly PlainRow[]
}

/**
 * Runs a pipeline over lists of rows, one step after the other and each row by itself: without batches, shards, stages
 * or a store.
 *
 * @param end - source rows of each generator that are taken
 */
export async function interpret(
  steps: readonly ResolvedStep[],
  seed: number,
  end = Number.POSITIVE_INFINITY,
): Promise<Interpretation> {
  const interpreter = new Interpreter(steps, seed, end)
  for (const index of steps.keys()) await interpreter.run(index)
  return {
    rows: interpreter.outcomes.map(({ rows }) => rows),
    rejected: interpreter.rejected,
  }
}

class Interpreter {
  readonly outcomes: Outcome[] = []
  readonly rejected: PlainRejection[] = []
  readonly #steps: readonly ResolvedStep[]
  readonly #seed: number
  readonly #end: number
  readonly #ways = new Map<number, readonly number[]>()

  constructor(steps: readonly ResolvedStep[], seed: number, end: number) {
    this.#steps = steps
    this.#seed = seed
    this.#end = end
  }

  async run(index: number): Promise<void> {
    const step = this.#steps[index]!
    const { definition } = step
    if (definition.kind === 'generator') this.outcomes.push(await this.#generate(step, definition))
    else if (definition.kind === 'join') this.outcomes.push(this.#join(index, step, definition))
    else if (definition.kind === 'global')
      this.outcomes.push(await this.#global(index, step, definition))
    else this.outcomes.push(await this.#map(index, step, definition))
    const { rows } = this.outcomes[index]!
    if (new Set(rows.map(({ origin }) => origin)).size < rows.length)
      throw new Error(`Two rows behind step '${step.spec.name}' have one origin.`)
  }

  async #generate(step: ResolvedStep, definition: GeneratorDefinition): Promise<Outcome> {
    const files = undefined as never
    const { signal } = new AbortController()
    const made = await Array.fromAsync(
      definition.generate(step.params, { seed: this.#seed, files, signal }),
    )
    const rows = withIdentities(
      made.slice(0, this.#end).map((row) => rename(row, step.spec.outputs)),
    )
    return { rows, fates: new Map(), begun: rows }
  }

  async #map(index: number, step: ResolvedStep, definition: StepDefinition): Promise<Outcome> {
    const begun = isGenerator(definition)
      ? withIdentities(
          Array.from({ length: Math.min(definition.numRows!(step.params), this.#end) }, () => ({})),
        )
      : undefined
    const [before = -1] = this.#befores(index)
    const fates = new Map(this.outcomes[before]?.fates)
    const rows: PlainRow[] = []
    for (const row of begun ?? this.#sent(before, index, fates)) {
      const output = await this.#ofView(step, definition, row, async (view) => {
        const [made] = await Array.fromAsync(
          definition.process([view], step.params, {
            stepName: step.spec.name,
            seed: this.#seed,
            identities: [row.identity],
            signal: new AbortController().signal,
            ...noModel(step.spec.name),
            ask: async ({ example }) => ({
              choices: [{ text: example(), finishReason: 'stop' }],
              usage: { inputTokens: 0, outputTokens: 0 },
              model: 'simulated',
            }),
          }),
        )
        return made!
      })
      const made = this.#collect(step, row, output)
      rows.push(...made)
      if (made.length === 0) fates.set(row.origin, isRejection(output) ? 'rejected' : 'let out')
    }
    return { rows, fates, ...(begun === undefined ? {} : { begun }) }
  }

  /** Rows of a step that a route sends to another one; notes those that it sends elsewhere. */
  #sent(before: number, to: number, fates?: Map<string, Fate>): PlainRow[] {
    const { rows } = this.outcomes[before]!
    const { route } = this.#steps[before]!
    if (route === undefined) return [...rows]
    const { definition, params, planned } = route
    const branches = planned.branches.map(({ name }) => name)
    const own = planned.branches.find(({ step }) => step === to)!.name
    return rows.filter(({ origin, identity, row }) => {
      const random = createRandom(this.#seed, 'route', planned.ordinal, identity)
      const isSent = definition.choose(row, { branches, params, random }).includes(own)
      if (!isSent) fates?.set(origin, 'sent elsewhere')
      return isSent
    })
  }

  #join(index: number, step: ResolvedStep, definition: JoinDefinition): Outcome {
    const ends = this.#befores(index).map((before) => this.outcomes[before]!)
    const byOrigin = ends.map(({ rows }) => new Map(rows.map((row) => [row.origin, row])))
    const rows: PlainRow[] = []
    const { parted: all, fates: before } = this.#parted(index)
    const fates = new Map(before)
    for (const parted of all) {
      const { origin } = parted
      const there = byOrigin.map((own) => own.get(origin))
      const missing = ends.flatMap(({ fates: own }, branch) =>
        there[branch] === undefined ? [own.get(origin) ?? 'let out'] : [],
      )
      const isNowhere = missing.length === ends.length
      const isLetOut = missing.includes('let out')
      if (missing.includes('rejected')) fates.set(origin, 'rejected')
      else if (isNowhere) fates.set(origin, isLetOut ? 'let out' : 'sent elsewhere')
      else if (isLetOut && step.params['onMissing'] === 'reject') {
        this.#reject(step, parted, { code: 'row-missing' })
        fates.set(origin, 'rejected')
      } else {
        const given = there.map(
          (own, branch) =>
            own?.row ?? (ends[branch]!.fates.get(origin) === 'sent elsewhere' ? undefined : null),
        )
        rows.push({ ...parted, row: definition.join(given, step.branches ?? [], step.params) })
      }
    }
    return { rows, fates }
  }

  /** What is at the last step that every way to a join leads through, or else the rows of its generators side by side. */
  #parted(join: number): {
    readonly parted: readonly PlainRow[]
    readonly fates?: Outcome['fates']
  } {
    const [first = [], ...others] = this.#befores(join).map((before) => this.#through(before))
    const fork = Math.max(...first.filter((step) => others.every((way) => way.includes(step))))
    if (fork >= 0) return { parted: this.outcomes[fork]!.rows, fates: this.outcomes[fork]!.fates }
    const roots = this.#befores(join).flatMap((before) => this.#rootsOf(before))
    const begun = [...new Set(roots)].map((root) => this.outcomes[root]!.begun!)
    const longest = Math.max(...begun.map(({ length }) => length))
    const parted = Array.from({ length: longest }, (_, at) => {
      const root = begun.findIndex((rows) => at < rows.length)
      const row = begun[root]![at]!
      return root === 0 ? row : { ...row, identity: `${row.identity}.i${root}` }
    })
    return { parted }
  }

  /** The steps that every row of a step has been at, itself included, since the last that took the rows of several one after the other. */
  #through(step: number): readonly number[] {
    const known = this.#ways.get(step)
    if (known !== undefined) return known
    const befores = this.#befores(step)
    const isStacked = this.#steps[step]!.definition.kind === 'global' && befores.length > 1
    const [first = [], ...others] = isStacked ? [] : befores.map((before) => this.#through(before))
    const way = [...first.filter((one) => others.every((other) => other.includes(one))), step]
    this.#ways.set(step, way)
    return way
  }

  #rootsOf(step: number): number[] {
    const befores = this.#befores(step)
    if (befores.length === 0) return [step]
    return [...new Set(befores.flatMap((before) => this.#rootsOf(before)))]
  }

  async #global(index: number, step: ResolvedStep, definition: GlobalDefinition): Promise<Outcome> {
    const befores = this.#befores(index)
    const columns = befores.flatMap((before) =>
      Object.keys(this.#steps[before]!.columns?.schemas ?? {}),
    )
    const nulls = Object.fromEntries(columns.map((column) => [column, null]))
    const fates = new Map(befores.length === 1 ? this.outcomes[befores[0]!]!.fates : [])
    const all = befores.flatMap((before, input) =>
      this.#sent(before, index, fates).map((row) =>
        befores.length === 1 ? row : below({ ...row, row: { ...nulls, ...row.row } }, `i${input}`),
      ),
    )
    const context = {
      params: step.params,
      stepName: step.spec.name,
      seed: this.#seed,
      signal: new AbortController().signal,
      hash: (text: string) => createHash('sha256').update(text).digest(),
    }
    const { digest, decide, make, shuffleKey } = definition
    const views = all.map((row) => this.#view(step, definition, row))
    const sound = all.flatMap((row, at) => {
      const { view } = views[at]!
      return view === undefined ? [] : [{ identity: row.identity, row: view }]
    })
    const part = {
      rows: sound.length,
      read: async () =>
        Buffer.concat(sound.map((row) => digest?.(row, context) ?? Buffer.alloc(0))),
    }
    const [decisions = Buffer.alloc(0)] =
      decide === undefined ? [] : await Array.fromAsync(decide.call(definition, [part], context))
    const width = sound.length === 0 ? 0 : decisions.length / sound.length
    let position = 0
    const rows: PlainRow[] = []
    for (const row of all) {
      if (make === undefined) {
        rows.push(row)
        continue
      }
      const output = await this.#ofView(step, definition, row, async (view) => {
        const own = decisions.subarray(position * width, ++position * width)
        return make({ row: view, identity: row.identity }, own, context)
      })
      const passed = this.#collect(step, row, output)
      rows.push(...passed)
      if (passed.length === 0) fates.set(row.origin, isRejection(output) ? 'rejected' : 'let out')
    }
    if (shuffleKey !== undefined) {
      const keyOf = (row: PlainRow) => Buffer.from(shuffleKey(row, context)).toString('hex')
      rows.sort((a, b) => (`${keyOf(a)}["${a.origin}"` < `${keyOf(b)}["${b.origin}"` ? -1 : 1))
    }
    return { rows, fates }
  }

  /** A row as a step's code sees it, or why it does not. */
  #view({ spec, params }: ResolvedStep, definition: RowDefinition, { row }: PlainRow) {
    const given = { ...row }
    for (const [own, column] of Object.entries(spec.inputs ?? {})) given[own] = row[column]
    const schema = definition.rowSchema?.(params) ?? definition.inputs
    const checked = schema['~standard'].validate(given)
    if (checked instanceof Promise) throw new Error('Schemas are synchronous.')
    return { view: checked.issues === undefined ? checked.value : undefined }
  }

  async #ofView(
    step: ResolvedStep,
    definition: RowDefinition,
    row: PlainRow,
    work: (view: Row) => Promise<StepOutput<Row>>,
  ): Promise<StepOutput<Row>> {
    const { view } = this.#view(step, definition, row)
    if (view !== undefined) return await work(view)
    return reject('input-invalid', 'A column does not hold.')
  }

  /** The rows that an output is; rejects what it rejects. */
  #collect(step: ResolvedStep, from: PlainRow, output: StepOutput<Row>): PlainRow[] {
    const items: readonly (Row | Rejection)[] = Array.isArray(output) ? output : [output]
    return items.flatMap((item, index) => {
      const own = Array.isArray(output) ? below(from, index) : from
      if (isRejection(item)) {
        this.#reject(step, own, item)
        return []
      }
      const kept = step.keeps === undefined ? Object.keys(from.row) : step.keeps
      const row = Object.fromEntries(kept.map((column) => [column, from.row[column]]))
      return [{ ...own, row: { ...row, ...rename(item, step.spec.outputs) } }]
    })
  }

  #reject(step: ResolvedStep, row: PlainRow, { code, raw }: Pick<Rejection, 'code' | 'raw'>): void {
    this.rejected.push({ ...row, step: step.spec.name, code, raw: raw ?? null })
  }

  #befores(index: number): number[] {
    const after = this.#steps[index]?.spec.after ?? []
    return after.map((name) => this.#steps.findIndex(({ spec }) => spec.name === name))
  }
}

function below(row: PlainRow, index: number | string): PlainRow {
  return { ...row, origin: `${row.origin}.${index}`, identity: `${row.identity}.${index}` }
}

function rename(row: Row, names: Readonly<Record<string, string>> = {}): Row {
  return Object.fromEntries(Object.entries(row).map(([own, held]) => [names[own] ?? own, held]))
}

/** Rows of a source: each is told apart by what it holds and by how many equal ones stand before it. */
function withIdentities(rows: readonly Row[]): PlainRow[] {
  const counts = new Map<string, number>()
  return rows.map((row, position) => {
    const text = canonicalJson(row)
    const count = counts.get(text) ?? 0
    counts.set(text, count + 1)
    const identity = createHash('sha256').update(`${text}#${count}`).digest('hex').slice(0, 32)
    return { origin: String(position), identity, row }
  })
}
