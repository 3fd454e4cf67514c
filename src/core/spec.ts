import { RetortError } from './errors.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { nearestName, quoted } from './names.ts'
import type { RouteSpec } from './route.ts'

/** One step of a {@link PipelineSpec}. */
export interface StepSpec {
  /** Unique in the pipeline; letters, digits, `.`, `_` and `-`. It may name a part of the dataset, so it is none of that folder's own names. */
  readonly name: string
  /** A built-in type, or that of the definition which `module` and `export` name. */
  readonly type: string
  readonly params?: JsonObject
  /** Names of the steps whose rows it reads; none for a generator. */
  readonly after?: readonly string[]
  /** The step's column to the data's column, for those that differ. */
  readonly inputs?: Readonly<Record<string, string>>
  /** As `inputs`, for the columns that the step writes. */
  readonly outputs?: Readonly<Record<string, string>>
  /** Where a step that is not built in is defined, as a path relative to the spec. */
  readonly module?: string
  /** The name under which `module` exports it. */
  readonly export?: string
  /** A Temporal task queue of its own, for workers with other hardware or keys. */
  readonly taskQueue?: string
  /** Which of the steps that come after it each of its rows goes to; all of them where this is left out. */
  readonly route?: RouteSpec
}

/** A pipeline as JSON: public, versioned, the same whether it was written in TypeScript or YAML. */
export interface PipelineSpec {
  readonly version: 1
  /** Letters, digits, `.`, `_` and `-`; the dataset has the same name. */
  readonly name: string
  /** What random choices come from, together with a row's content; 0 by default. */
  readonly seed?: number
  /** Makes rows until enough of them pass every step; all of the source's rows where this is left out. */
  readonly rows?: RowTarget
  readonly steps: readonly StepSpec[]
}

/** How many rows a dataset is to have. */
export interface RowTarget {
  /** Rows of the dataset: the first that pass every step. */
  readonly accepted: number
  /** Most source rows that are taken for them. */
  readonly atMost: number
}

const pipelineMembers = ['version', 'name', 'seed', 'rows', 'steps']
const targetMembers = ['accepted', 'atMost']
const stepMembers = [
  'name',
  'type',
  'params',
  'after',
  'inputs',
  'outputs',
  'module',
  'export',
  'taskQueue',
  'route',
]
const routeMembers = ['type', 'params', 'branches', 'module', 'export']

/** What run ids, pipeline names and step names look like; a name of dots alone is a folder's. */
export const namePattern = /^(?!\.+$)[A-Za-z0-9._-]{1,200}$/

/** What a version of a dataset holds beside its leaves, which are named after steps. */
export const reservedStepNames: readonly string[] = ['rejected', 'dataset.json', 'README.md']

/**
 * Turns unknown JSON into a spec.
 *
 * @param where - what the sentence calls it, such as the file's name
 * @throws RetortError `spec-invalid`, `step-name-taken`, `edge-unknown`, `cycle`
 */
export function parsePipelineSpec(value: unknown, where: string): PipelineSpec {
  if (!isObject(value))
    throw invalid(
      `${where} holds no pipeline: it needs an object with 'version', 'name' and 'steps'.`,
    )
  refuseUnknown(value, pipelineMembers, where)
  if (value['version'] !== 1)
    throw invalid(
      `${where} has version ${JSON.stringify(value['version'] ?? null)}; this release reads version 1.`,
    )
  const name = parseName(value['name'], `The pipeline in ${where}`)
  const seed = value['seed']
  if (seed !== undefined && (typeof seed !== 'number' || !Number.isSafeInteger(seed)))
    throw invalid(
      `The seed of pipeline '${name}' is ${JSON.stringify(seed)}; it takes a whole number.`,
    )
  const rows = parseTarget(value['rows'], name)
  if (!Array.isArray(value['steps']) || value['steps'].length === 0)
    throw invalid(
      `Pipeline '${name}' has no steps; 'steps' takes a list with at least a generator.`,
    )
  const steps = value['steps'].map((step, index) => parseStep(step, index, name))
  checkEdges(steps)
  if (rows !== undefined) checkOneLeaf(steps, name)
  return {
    version: 1,
    name,
    ...(seed === undefined ? {} : { seed }),
    ...(rows === undefined ? {} : { rows }),
    steps,
  }
}

function parseTarget(rows: unknown, pipeline: string): RowTarget | undefined {
  if (rows === undefined) return undefined
  const where = `The 'rows' of pipeline '${pipeline}'`
  if (!isObject(rows))
    throw invalid(
      `${where} are ${JSON.stringify(rows)}; they take { accepted, atMost }, such as { accepted: 5000, atMost: 20000 }.`,
    )
  refuseUnknown(rows, targetMembers, where)
  const { accepted, atMost } = rows
  for (const name of targetMembers)
    if (rows[name] === undefined)
      throw invalid(
        `${where} lack '${name}'; they take { accepted, atMost }, such as { accepted: 5000, atMost: 20000 }.`,
      )
  if (!isCount(accepted) || !isCount(atMost))
    throw invalid(
      `${where} are ${JSON.stringify(rows)}; 'accepted' and 'atMost' both take a whole number of 1 or more.`,
    )
  return { accepted, atMost }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

/** What is accepted can only be counted where the dataset has one part. */
function checkOneLeaf(steps: readonly StepSpec[], pipeline: string): void {
  const read = new Set(steps.flatMap(({ after = [] }) => after))
  const leaves = steps.filter(({ name }) => !read.has(name)).map(({ name }) => name)
  if (leaves.length > 1)
    throw invalid(
      `Pipeline '${pipeline}' is to have so many accepted rows, but ends in ${quoted(leaves)}; let it end in one step.`,
    )
}

function parseStep(value: unknown, index: number, pipeline: string): StepSpec {
  const where = `Step ${index + 1} of pipeline '${pipeline}'`
  if (!isObject(value)) throw invalid(`${where} is no object; it needs 'name' and 'type'.`)
  const name = parseName(value['name'], where)
  if (reservedStepNames.includes(name))
    throw invalid(
      `${where} is named '${name}', as a part of every dataset is; choose another name.`,
    )
  refuseUnknown(value, stepMembers, `Step '${name}'`)
  if (typeof value['type'] !== 'string') throw invalid(`Step '${name}' has no 'type'.`)
  if (value['params'] !== undefined && !isObject(value['params']))
    throw invalid(`The 'params' of step '${name}' are no object.`)
  const after = value['after']
  if (after !== undefined && !isTextList(after))
    throw invalid(`The 'after' of step '${name}' takes a list of step names.`)
  for (const member of ['inputs', 'outputs'])
    if (
      value[member] !== undefined &&
      !(isObject(value[member]) && isTextList(Object.values(value[member])))
    )
      throw invalid(
        `The '${member}' of step '${name}' take the step's column names with the data's column names.`,
      )
  for (const member of ['module', 'export', 'taskQueue'])
    if (value[member] !== undefined && typeof value[member] !== 'string')
      throw invalid(
        `The '${member}' of step '${name}' is ${JSON.stringify(value[member])}; it takes a text.`,
      )
  if (value['route'] !== undefined) checkRoute(value['route'], name)
  // Every member was looked at above.
  return value as unknown as StepSpec
}

function checkRoute(route: unknown, step: string): void {
  if (!isObject(route) || typeof route['type'] !== 'string')
    throw invalid(
      `The 'route' of step '${step}' is ${JSON.stringify(route)}; it takes an object with a 'type', such as { type: SampleSteps, params: { size: 2 } }.`,
    )
  refuseUnknown(route, routeMembers, `The 'route' of step '${step}'`)
  if (route['params'] !== undefined && !isObject(route['params']))
    throw invalid(`The 'params' of the route of step '${step}' are no object.`)
  const branches = route['branches']
  if (branches !== undefined && !(isObject(branches) && isTextList(Object.values(branches))))
    throw invalid(
      `The 'branches' of the route of step '${step}' take each branch's name with the name of its first step.`,
    )
  for (const member of ['module', 'export'])
    if (route[member] !== undefined && typeof route[member] !== 'string')
      throw invalid(
        `The '${member}' of the route of step '${step}' is ${JSON.stringify(route[member])}; it takes a text.`,
      )
}

function checkEdges(steps: readonly StepSpec[]): void {
  const names = new Set<string>()
  for (const { name } of steps) {
    if (names.has(name))
      throw new RetortError(
        'step-name-taken',
        `Two steps are named '${name}'; give each step a name of its own.`,
      )
    names.add(name)
  }
  for (const { name, after = [] } of steps)
    for (const other of after)
      if (!names.has(other))
        throw new RetortError(
          'edge-unknown',
          `Step '${name}' comes after '${other}', which is no step. ${nearestName(other, names)}`,
        )
  orderSteps(steps)
}

/** Steps so that each comes after those that it reads; of several such orders the one nearest to the declared. */
export function orderSteps<S extends Pick<StepSpec, 'name' | 'after'>>(steps: readonly S[]): S[] {
  const ordered: S[] = []
  const done = new Set<string>()
  while (ordered.length < steps.length) {
    const next = steps.find(
      ({ name, after = [] }) => !done.has(name) && after.every((other) => done.has(other)),
    )
    if (next === undefined) {
      const cycle = findCycle(steps.filter(({ name }) => !done.has(name)))
      throw new RetortError(
        'cycle',
        cycle.length === 1
          ? `Step ${quoted(cycle)} comes after itself; take it out of its 'after'.`
          : `Steps ${quoted(cycle)} wait for each other; break the cycle in their 'after'.`,
      )
    }
    ordered.push(next)
    done.add(next.name)
  }
  return ordered
}

/** Names along a cycle, out of steps of which each waits for another. */
function findCycle(waiting: readonly Pick<StepSpec, 'name' | 'after'>[]): string[] {
  const steps = new Map(waiting.map((step) => [step.name, step]))
  const path: string[] = []
  let name = waiting[0]?.name
  while (name !== undefined && !path.includes(name)) {
    path.push(name)
    name = steps.get(name)?.after?.find((other) => steps.has(other))
  }
  return path.slice(path.indexOf(name ?? '')).toReversed()
}

function parseName(value: unknown, what: string): string {
  if (typeof value !== 'string' || !namePattern.test(value))
    throw invalid(
      `${what} has the name ${JSON.stringify(value ?? null)}; a name is 1 to 200 letters, digits, '.', '_' or '-', not dots alone.`,
    )
  return value
}

function refuseUnknown(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  where: string,
): void {
  for (const key of Object.keys(value))
    if (!known.includes(key))
      throw invalid(`${where} has an unknown member '${key}'. ${nearestName(key, known)}`)
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function invalid(message: string): RetortError {
  return new RetortError('spec-invalid', message)
}
