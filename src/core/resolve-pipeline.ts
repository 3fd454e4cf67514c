import { membersOf } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { checkGenerated, mapGenerated } from './generated-columns.ts'
import type { LLMSpec } from './llm-spec.ts'
import { quoted } from './names.ts'
import { llmOfType, stepOfType } from './registry.ts'
import type { Environment, LLMIdentity, Registry } from './registry.ts'
import { joinColumns, mapColumns } from './resolve-columns.ts'
import type { StepColumns } from './resolve-columns.ts'
import { findJoinPaths, linkSteps } from './join-paths.ts'
import { resolveParams } from './resolve-params.ts'
import { resolveRoute } from './resolve-route.ts'
import type { ResolvedRoute } from './resolve-route.ts'
import { signStep } from './signature.ts'
import { orderSteps } from './spec.ts'
import type { PipelineSpec, StepSpec } from './spec.ts'
import type { AnyDefinition, BranchColumns, ColumnSchemas } from './step.ts'

/** A step of which everything is known that its spec and its code tell. */
export interface ResolvedStep {
  readonly spec: StepSpec
  readonly definition: AnyDefinition
  readonly params: Row
  readonly batchSize: number
  readonly llm: (LLMIdentity & { readonly spec: LLMSpec; readonly limitGroup: string }) | undefined
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
  const ordered = orderSteps(spec.steps)
  let routes = 0
  for (const [index, step] of ordered.entries()) {
    const before = (step.after ?? []).flatMap((name) => resolved.get(name) ?? [])
    const own = resolveStep(step, before, options, () => optionalBranches(ordered, index))
    const route = resolveRoute(step, ordered, routes, own.columns?.schemas, options.registry)
    if (route !== undefined) routes++
    resolved.set(step.name, { ...own, route })
  }
  const generators = [...resolved.values()].filter(
    ({ definition }) => definition.kind === 'generator',
  )
  if (generators.length !== 1)
    throw new RetortError(
      'spec-invalid',
      generators.length === 0
        ? `Pipeline '${spec.name}' has no generator; begin it with a step that makes rows, such as LoadDataFromFileSystem.`
        : `Pipeline '${spec.name}' has ${generators.length} generators (${quoted(generators.map((step) => step.spec.name))}); begin it with one.`,
    )
  return [...resolved.values()]
}

/** For each branch of a join whether a route may send rows past it. @throws RetortError `spec-invalid` */
function optionalBranches(steps: readonly StepSpec[], join: number): boolean[] {
  const paths = findJoinPaths(linkSteps(steps), join)
  if (paths === undefined) {
    const { name = '', after = [] } = steps[join] ?? {}
    throw new RetortError(
      'spec-invalid',
      `Step '${name}' joins ${quoted(after)}, whose rows have nothing in common; let it come after branches of one step.`,
    )
  }
  return paths.branches.map((parts) => parts.some(({ from }) => steps[from]?.route !== undefined))
}

function resolveStep(
  step: StepSpec,
  before: readonly ResolvedStep[],
  options: ResolveOptions,
  optional: () => readonly boolean[],
): Omit<ResolvedStep, 'route'> {
  const { definition, code } = stepOfType(options.registry, step.type, step.name)
  checkArity(step, definition, before)
  const { params, batchSize, llm: llmSpec } = resolveParams(definition, step)
  const llm = llmSpec === undefined ? undefined : resolveLLM(llmSpec, step.name, options)
  const unsigned = [
    ...('unsigned' in definition ? (definition.unsigned ?? []) : []),
    ...(definition.kind === 'generator' ? [] : ['inputBatchSize']),
  ]
  const signature = signStep({ step, params, unsigned, llm, code })
  const known = before.flatMap(({ spec, columns }) =>
    columns === undefined ? [] : [{ name: spec.name, ...columns }],
  )
  const base = {
    spec: step,
    definition,
    params,
    batchSize,
    llm,
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
  const [only] = known
  if (only === undefined) return { ...base, columns: undefined }
  const { keeps, ...columns } = mapColumns(definition, step, params, only)
  return { ...base, columns, keeps }
}

function resolveLLM(
  spec: LLMSpec,
  stepName: string,
  options: ResolveOptions,
): NonNullable<ResolvedStep['llm']> {
  const type = llmOfType(options.registry, spec.type, stepName)
  type.check(spec, options.environment, stepName)
  return { ...type.identity(spec), spec, limitGroup: type.limitGroup(spec) }
}

function checkArity(
  step: StepSpec,
  definition: AnyDefinition,
  before: readonly ResolvedStep[],
): void {
  const names = quoted(before.map(({ spec }) => spec.name))
  if (definition.kind === 'generator' && before.length > 0)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) makes rows of its own, so it cannot come after ${names}.`,
    )
  if (definition.kind === 'map' && before.length === 0)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) comes after no step; name one in its 'after'.`,
    )
  if (definition.kind === 'map' && before.length > 1)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) comes after ${names}; bring them together first with GroupColumns or CombineOutputs.`,
    )
  if (definition.kind === 'join' && before.length < 2)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' (${step.type}) joins branches; name two or more in its 'after'.`,
    )
}

function written(schemas: ColumnSchemas, by: string): StepColumns {
  return { schemas, writers: Object.fromEntries(Object.keys(schemas).map((name) => [name, by])) }
}
