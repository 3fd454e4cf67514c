import { membersOf } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { checkGenerated, mapGenerated } from './generated-columns.ts'
import type { ModelKind, ModelSpec } from './llm-spec.ts'
import { modelKindOf } from './model-param.ts'
import { quoted } from './names.ts'
import { modelCodeOf, modelOfType, stepOfType } from './registry.ts'
import type { Environment } from './environment.ts'
import type { ModelIdentity, Registry } from './registry.ts'
import { joinColumns, mapColumns, stackColumns } from './resolve-columns.ts'
import type { StepColumns } from './resolve-columns.ts'
import { findJoinPaths, linkSteps } from './join-paths.ts'
import type { PathStep } from './join-paths.ts'
import { hasBatches, isBeginningTask, resolveParams } from './resolve-params.ts'
import { resolveRoute } from './resolve-route.ts'
import type { ResolvedRoute } from './resolve-route.ts'
import { signStep } from './signature.ts'
import { orderSteps } from './spec.ts'
import { planStages } from './stages.ts'
import type { Staging } from './stages.ts'
import type { PipelineSpec, StepSpec } from './spec.ts'
import type { AnyDefinition, BranchColumns, ColumnSchemas } from './step.ts'

/** A step's model. */
export interface ResolvedModel extends ModelIdentity {
  readonly spec: ModelSpec
  readonly limitGroup: string
}

/** A step of which everything is known that its spec and its code tell. */
export interface ResolvedStep {
  readonly spec: StepSpec
  readonly definition: AnyDefinition
  readonly params: Row
  readonly batchSize: number
  readonly model: ResolvedModel | undefined
  readonly signature: string
  /** `undefined` where only reading the source will tell. */
  readonly columns: StepColumns | undefined
  readonly keeps: readonly string[] | undefined
  readonly branches: readonly BranchColumns[] | undefined
  /** How its rows are divided among the steps after it. */
  readonly route: ResolvedRoute | undefined
}

/** What resolving needs beside the spec. */
export interface ResolveOptions {
  readonly registry: Registry
  readonly environment: Environment
  /** Columns of the generators whose rows have been read, by step name. */
  readonly sourceColumns?: Readonly<Record<string, ColumnSchemas>>
}

/**
 * Checks a pipeline and works out every step's parameters, signature and columns, in an order in
 * which each step comes after those that it reads.
 *
 * @throws RetortError with the verdict `invalid` for the first thing that is wrong
 */
export function resolvePipeline(spec: PipelineSpec, options: ResolveOptions): ResolvedStep[] {
  const resolved = new Map<string, ResolvedStep>()
  const ordered = orderSteps(withCounts(spec, options.registry))
  let routes = 0
  for (const [index, step] of ordered.entries()) {
    const before = (step.after ?? []).flatMap((name) => resolved.get(name) ?? [])
    const linked = () => linkWithKinds(ordered, options.registry)
    const own = resolveStep(step, before, options, () => optionalBranches(ordered, linked(), index))
    const route = resolveRoute(step, ordered, routes, own.columns?.schemas, options.registry)
    if (route !== undefined) routes++
    resolved.set(step.name, { ...own, route })
  }
  const steps = [...resolved.values()]
  if (!steps.some(({ definition }) => isGenerator(definition)))
    throw new RetortError(
      'spec-invalid',
      `Pipeline '${spec.name}' has no generator; begin it with a step that makes rows, such as LoadDataFromFileSystem.`,
    )
  if (spec.rows !== undefined) refuseDelivery(steps)
  return steps
}

/** What goes on until enough rows pass would deliver those of each wave. */
function refuseDelivery(steps: readonly ResolvedStep[]): void {
  const found = steps.find(
    ({ definition }) => definition.kind === 'global' && definition.deliver !== undefined,
  )
  if (found === undefined) return
  const { name, type } = found.spec
  throw new RetortError(
    'spec-invalid',
    `Step '${name}' (${type}) would deliver rows before it is known which of them are enough; leave it out where 'rows' says how many are to be accepted, and deliver the dataset with a pipeline that begins with LoadDataFromDisk.`,
  )
}

/** Whether a step makes rows out of nothing, be it with the help of a model. */
export function isGenerator(definition: AnyDefinition): boolean {
  return definition.kind === 'generator' || isBeginningTask(definition)
}

/** The stages of a pipeline whose steps are resolved. */
export function stagesOf(
  steps: readonly Pick<ResolvedStep, 'spec' | 'definition' | 'model'>[],
  hasJobs: (step: number) => boolean = () => false,
): Staging {
  const linked = linkSteps(steps.map(({ spec }) => spec))
  return planStages(
    steps.map(({ definition, model }, index) => ({
      kind: isGenerator(definition) ? 'generator' : definition.kind,
      after: linked[index]?.after ?? [],
      asksModel: model !== undefined,
      hasJobs: hasJobs(index),
    })),
  )
}

/** For each branch of a join whether a route may send rows past it. @throws RetortError `spec-invalid` */
function optionalBranches(
  steps: readonly StepSpec[],
  linked: readonly KnownStep[],
  join: number,
): boolean[] {
  const { fork, branches } = findJoinPaths(linked, join)
  if (fork === null) checkRoots(steps, linked, join)
  return branches.map((parts) =>
    parts.some(({ from }) => from !== null && steps[from]?.route !== undefined),
  )
}

/** A step that is linked with those before it, and what its definition says it is. */
interface KnownStep extends PathStep {
  readonly kind: AnyDefinition['kind']
}

function linkWithKinds(steps: readonly StepSpec[], registry: Registry): KnownStep[] {
  const links = linkSteps(steps)
  return steps.map(({ type }, index) => ({
    after: links[index]?.after ?? [],
    kind: registry.steps.get(type)?.definition.kind ?? 'map',
  }))
}

/** Rows that have nothing in common are joined by where they stand, so that nothing may have moved them. */
function checkRoots(steps: readonly StepSpec[], linked: readonly KnownStep[], join: number): void {
  const { places } = planStages(linked.map((step) => ({ ...step, asksModel: false })))
  const { name = '', after = [] } = steps[join] ?? {}
  const barriers = (linked[join]?.after ?? []).flatMap((before) => places[before]?.barrier ?? [])
  const [barrier] = barriers
  if (barrier === undefined) return
  const { name: behind = '', type = '' } = steps[barrier] ?? {}
  throw new RetortError(
    'spec-invalid',
    `Step '${name}' joins ${quoted(after)}, whose rows have nothing in common: they begin with different generators, or come behind '${behind}' (${type}), which gives them other places. Let it come after branches of one step, or bring them one after the other with Concatenate.`,
  )
}

function resolveStep(
  step: StepSpec,
  before: readonly ResolvedStep[],
  options: ResolveOptions,
  optional: () => readonly boolean[],
): Omit<ResolvedStep, 'route'> {
  const { definition, code } = stepOfType(options.registry, step.type, step.name)
  checkArity(step, definition, before)
  const { params, batchSize, model: named } = resolveParams(definition, step)
  const model = named === undefined ? undefined : resolveStepModel(named, step, definition, options)
  const countParam = countParamOf(definition)
  const unsigned = [
    ...('unsigned' in definition ? (definition.unsigned ?? []) : []),
    ...(hasBatches(definition) ? ['inputBatchSize'] : []),
    ...(modelKindOf(definition) === 'llm' ? ['mode'] : []),
    // Rows that stay the same are not made anew where there are to be more of them.
    ...(countParam === undefined ? [] : [countParam]),
  ]
  if (definition.kind === 'global') definition.checkEnvironment?.(options.environment, step.name)
  const modelCode = named === undefined ? undefined : modelCodeOf(options.registry, named)
  const signature = signStep({ step, params, unsigned, model, modelCode, code })
  const known = before.flatMap(({ spec, columns }) =>
    columns === undefined ? [] : [{ name: spec.name, ...columns }],
  )
  const base = {
    spec: step,
    definition,
    params,
    batchSize,
    model,
    signature,
    keeps: undefined,
    branches: undefined,
  }
  if (definition.kind === 'generator') {
    const made =
      definition.columns?.(params) ??
      (definition.outputs === undefined
        ? undefined
        : membersOf(definition.outputs, 'output', `the outputs of '${definition.type}'`).columns)
    // Rows that have been read have their names already.
    const schemas =
      options.sourceColumns?.[step.name] ??
      (made === undefined ? undefined : mapGenerated(made, step))
    if (schemas !== undefined) checkGenerated(schemas, step)
    return { ...base, columns: schemas === undefined ? undefined : written(schemas, step.name) }
  }
  if (known.length < before.length) return { ...base, columns: undefined }
  if (definition.kind === 'join') {
    const isFilledIn = params['onMissing'] === 'null'
    const mayLack = optional()
    const joined = known.map((columns, index) => ({
      ...columns,
      isOptional: isFilledIn || mayLack[index] === true,
    }))
    const { branches, ...columns } = joinColumns(definition, step, params, joined)
    return { ...base, columns, branches }
  }
  const { keeps, ...columns } = mapColumns(definition, step, params, stackColumns(known))
  return { ...base, columns, keeps }
}

const modelUses: Readonly<Record<ModelKind, string>> = {
  llm: 'answers in texts',
  embeddings: 'turns texts into vectors',
  images: 'makes images',
}

function resolveStepModel(
  spec: ModelSpec,
  { name, type: stepType, params }: StepSpec,
  definition: AnyDefinition,
  options: ResolveOptions,
): ResolvedModel {
  const type = modelOfType(options.registry, spec.type, name)
  const asked = modelKindOf(definition)
  if (asked !== undefined && type.kind !== asked)
    throw new RetortError(
      'parameter-invalid',
      `Step '${name}' (${stepType}) needs a model that ${modelUses[asked]}, but ${spec.type} ${modelUses[type.kind]}.`,
    )
  if (params?.['mode'] === 'batch' && type.capabilities?.batch !== true)
    throw new RetortError(
      'parameter-invalid',
      `Step '${name}' is to ask in batch jobs, but ${spec.type} has none; leave its 'mode' out, or ask a model of a provider that has.`,
    )
  type.check(spec, options.environment, name)
  return { ...type.identity(spec), spec, limitGroup: type.limitGroup(spec) }
}

function checkArity(
  step: StepSpec,
  definition: AnyDefinition,
  before: readonly ResolvedStep[],
): void {
  const names = quoted(before.map(({ spec }) => spec.name))
  if (isGenerator(definition) && before.length > 0)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) makes rows of its own, so it cannot come after ${names}.`,
    )
  const isJoining = definition.kind === 'join' || takesSeveral(definition)
  if (!isGenerator(definition) && !isJoining && before.length === 0)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) comes after no step; name one in its 'after'.`,
    )
  if (!isJoining && before.length > 1)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) comes after ${names}; bring them together first with GroupColumns or CombineOutputs, or one after the other with Concatenate.`,
    )
  if (isJoining && before.length < 2)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) brings branches together; name two or more in its 'after'.`,
    )
}

function takesSeveral(definition: AnyDefinition): boolean {
  return definition.kind === 'global' && definition.takesSeveral === true
}

/** The steps of a pipeline that makes rows until enough pass: generators that do not say how many make as many as it may take. */
function withCounts({ steps, rows }: PipelineSpec, registry: Registry): readonly StepSpec[] {
  if (rows === undefined) return steps
  return steps.map((step) => {
    const definition = registry.steps.get(step.type)?.definition
    if (definition === undefined) return step
    const name = countParamOf(definition)
    if (name === undefined || step.params?.[name] !== undefined) return step
    return { ...step, params: { ...step.params, [name]: rows.atMost } }
  })
}

/** The parameter that says how many rows a generator makes. */
export function countParamOf(definition: AnyDefinition): string | undefined {
  if (definition.kind === 'generator') return definition.countParam
  return isGenerator(definition) ? 'numRows' : undefined
}

function written(schemas: ColumnSchemas, by: string): StepColumns {
  return { schemas, writers: Object.fromEntries(Object.keys(schemas).map((name) => [name, by])) }
}
