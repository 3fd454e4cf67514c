import { modelIn } from '../../core/model-param.ts'
import type { Row } from '../../core/columns.ts'
import { estimateCalls, estimateRows } from '../../core/estimate-calls.ts'
import type { RowEstimate } from '../../core/estimate-calls.ts'
import { growthOf } from '../../core/growth.ts'
import { listParams } from '../../core/list-params.ts'
import type { SettableParam } from '../../core/list-params.ts'
import { toPrices } from '../../core/price.ts'
import type { Price } from '../../core/price.ts'
import { modelOfType } from '../../core/registry.ts'
import type { Environment } from '../../core/environment.ts'
import type { Registry } from '../../core/registry.ts'
import { countParamOf, isGenerator } from '../../core/resolve-pipeline.ts'
import type { ResolvedStep } from '../../core/resolve-pipeline.ts'
import type { PipelineSpec, RowTarget, StepSpec } from '../../core/spec.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { modelCosts } from '../../registry.ts'
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts'
import { describeEdges } from './describe-edges.ts'
import { estimateNotes, targetNotes, totalOf } from './estimate-notes.ts'
import { lookAtSource, sampleSize } from './look-at-source.ts'
import { measurePrompts } from './measure-prompts.ts'
import type { ModelInfo, PipelineInfo, StepInfo } from './pipeline-info.ts'
import { resolveToLook } from './resolve-to-look.ts'

/** How a pipeline is described. */
export interface DescribeOptions {
  /** Most source rows that a run would take. Default all. */
  readonly maxRows?: number | undefined
  /** Where relative paths of sources start. Default the current folder. */
  readonly workingFolder?: string
  /** Default that of this process. */
  readonly environment?: Environment
}

/**
 * Tells of a pipeline what can be told without running it: no server and no store is opened, and no model is asked. It
 * reads files of this machine that are sources, for two seconds at most.
 *
 * @throws RetortError with the verdict `invalid` for the first thing that a run would refuse, but for missing keys and sources
 */
export async function describePipeline(
  pipeline: Pick<LoadedPipeline, 'spec' | 'registry' | 'file'>,
  options: DescribeOptions = {},
): Promise<PipelineInfo> {
  const { spec, registry, file } = pipeline
  const { environment = process.env } = options
  const unread = resolveToLook(pipeline, { environment })
  const seed = spec.seed ?? 0
  const sources = await lookAtSources(unread.steps, spec, options)
  const { steps, notes } = resolveToLook(pipeline, { environment, sourceColumns: sources.columns })
  const prices = await pricesOf(steps, registry)
  const byName = new Map(steps.map((step) => [step.spec.name, step]))
  const outputTokensOf = ({ model }: ResolvedStep) =>
    modelCosts.mostNewTokens(model?.parameters ?? {})
  const inputTokens = new Map<string, number>()
  const outputTokens = new Map<string, number>()
  for (const step of steps) {
    if (step.model === undefined) continue
    const { parameters } = step.model
    const most = measurePrompts(step, {
      steps: byName,
      samples: sources.samples,
      seed,
      outputTokensOf,
      tokensOf: (messages) =>
        modelCosts.worstCase({ messages, parameters: {} }, parameters).inputTokens,
    })
    if (most !== undefined) inputTokens.set(step.spec.name, most)
    outputTokens.set(step.spec.name, outputTokensOf(step))
  }
  const basis = { sourceRows: sources.rows, inputTokens, outputTokens, prices }
  const calls = estimateCalls(steps, basis)
  const rows = estimateRows(steps, sources.rows)
  const read = new Set(steps.flatMap((step) => step.spec.after ?? []))
  const described = steps.map((step): StepInfo => ({
    name: step.spec.name,
    type: step.spec.type,
    kind: isGenerator(step.definition) ? 'generator' : step.definition.kind,
    after: step.spec.after ?? [],
    isLeaf: !read.has(step.spec.name),
    rows: rows.get(step.spec.name) ?? null,
    model: modelOf(step, registry, specOf(pipeline, step), prices),
    calls: calls.get(step.spec.name) ?? null,
    params: paramsOf(step, registry, specOf(pipeline, step), spec.rows),
  }))
  return {
    name: spec.name,
    file,
    seed,
    target: spec.rows ?? null,
    steps: described,
    edges: describeEdges(steps),
    estimate: totalOf(described),
    notes: [
      ...notes,
      ...sources.notes,
      ...targetNotes(spec.rows, described, growthOf(steps)),
      ...estimateNotes(described),
    ],
  }
}

/** What a look at every generator tells. */
interface Sources {
  readonly rows: ReadonlyMap<string, RowEstimate>
  /** Of those whose columns are known only when their rows are read. */
  readonly columns: Readonly<Record<string, ColumnSchemas>>
  readonly samples: ReadonlyMap<string, readonly Row[]>
  readonly notes: readonly string[]
}

async function lookAtSources(
  steps: readonly ResolvedStep[],
  spec: PipelineSpec,
  { maxRows, workingFolder = '.' }: DescribeOptions,
): Promise<Sources> {
  const { seed = 0, rows: target } = spec
  const most = Math.min(maxRows ?? Infinity, target?.atMost ?? Infinity)
  const isBounded = most !== Infinity
  const rows = new Map<string, RowEstimate>()
  const columns: Record<string, ColumnSchemas> = {}
  const samples = new Map<string, readonly Row[]>()
  const notes: string[] = []
  for (const step of steps) {
    const { name } = step.spec
    if (step.definition.kind === 'map' && isGenerator(step.definition)) {
      const count = Math.min(step.definition.numRows?.(step.params) ?? 0, most)
      rows.set(name, { count, certainty: target === undefined ? 'exact' : 'at-most' })
      samples.set(
        name,
        Array.from({ length: Math.min(count, sampleSize) }, () => ({})),
      )
    }
    if (step.definition.kind !== 'generator') continue
    const bound = isBounded ? most : undefined
    const look = await lookAtSource(step, { maxRows: bound, workingFolder, seed })
    if (look.rows !== undefined)
      rows.set(name, target === undefined ? look.rows : atMost(look.rows, most))
    if (look.columns !== undefined && step.columns === undefined) columns[name] = look.columns
    samples.set(name, look.sample)
    notes.push(...look.notes)
  }
  return { rows, columns, samples, notes }
}

/** Rows of a source of which no more are taken than it needs. */
function atMost({ count, certainty }: RowEstimate, most: number): RowEstimate {
  return { count: certainty === 'at-least' ? most : count, certainty: 'at-most' }
}

async function pricesOf(
  steps: readonly ResolvedStep[],
  registry: Registry,
): Promise<ReadonlyMap<string, Price>> {
  const prices = new Map<string, Price>()
  for (const { spec, model } of steps) {
    if (model === undefined) continue
    const typeOf = (type: string) => modelOfType(registry, type, spec.name)
    const price = await modelCosts.priceOfModel(model.spec, typeOf)
    if (price !== undefined) prices.set(spec.name, price)
  }
  return prices
}

/** The step as the pipeline has it, without what the environment chose. */
function specOf({ spec }: Pick<LoadedPipeline, 'spec'>, step: ResolvedStep): StepSpec {
  return spec.steps.find(({ name }) => name === step.spec.name) ?? step.spec
}

function modelTypeOf({ params }: StepSpec): string | undefined {
  const type = modelIn(params)?.model['type']
  return typeof type === 'string' ? type : undefined
}

function modelOf(
  { spec, model }: ResolvedStep,
  registry: Registry,
  asked: StepSpec,
  prices: ReadonlyMap<string, Price>,
): ModelInfo | null {
  if (model === undefined) return null
  const price = prices.get(spec.name)
  return {
    type: model.spec.type,
    model: model.model,
    provider: model.provider,
    isSimulated: modelOfType(registry, model.spec.type, spec.name).isSimulated,
    isFromEnvironment: modelTypeOf(asked) !== model.spec.type,
    limits: model.spec.limits ?? {},
    limitGroup: model.limitGroup,
    maxNewTokens: modelCosts.mostNewTokens(model.parameters),
    prices: price === undefined ? null : toPrices(price),
  }
}

function paramsOf(
  { definition }: ResolvedStep,
  registry: Registry,
  asked: StepSpec,
  target: RowTarget | undefined,
): SettableParam[] {
  const model = registry.models.get(modelTypeOf(asked) ?? '')
  const params = listParams(definition, asked, model?.definition.params)
  if (target === undefined) return params
  const counted = `${asked.name}.${countParamOf(definition)}`
  return params.map((param) =>
    param.path === counted ? { ...param, default: target.atMost, isRequired: false } : param,
  )
}
