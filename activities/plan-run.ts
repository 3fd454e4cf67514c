import { budgetedModels, checkBudget } from '../src/core/check-budget.ts'
import { RetortError } from '../src/core/errors.ts'
import { growthOf } from '../src/core/growth.ts'
import { hashJson } from '../src/core/hash.ts'
import type { ModelSpec } from '../src/core/llm-spec.ts'
import { parseAnswerFormat } from '../src/core/answer-format.ts'
import { modelIn } from '../src/core/model-param.ts'
import { loadStructured } from '../src/models/structured/load-structured.ts'
import { planMode } from '../src/core/task-mode.ts'
import type { PlannedMode } from '../src/core/task-mode.ts'
import { Intents } from './jobs/intents.ts'
import { planKey, shardSize } from '../src/core/plan.ts'
import type { Plan, PlannedStep } from '../src/core/plan.ts'
import type { Price } from '../src/core/price.ts'
import { modelOfType } from '../src/core/registry.ts'
import { isGenerator, resolvePipeline, stagesOf } from '../src/core/resolve-pipeline.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import type { RunRequest } from '../src/core/run-request.ts'
import type { PipelineSpec } from '../src/core/spec.ts'
import type { StepPlace } from '../src/core/stages.ts'
import type { Store } from '../src/storage/store.ts'
import { mostNewTokens } from '../src/models/model-params.ts'
import { priceOfModel } from '../src/models/prices.ts'
import { manifestKey } from '../src/storage/dataset/dataset-keys.ts'
import { stageGenerator } from './stage-generator.ts'
import type { StagedRows } from './stage-generator.ts'
import { describeChanges } from './describe-changes.ts'
import { readPlan } from './loaded-plan.ts'
import { settleAnew } from './settle-anew.ts'
import type { WorkerContext } from './worker-context.ts'

/** What a run was asked to do. @throws RetortError `run-unknown` */
export async function readRequest(store: Store, run: string, specKey: string): Promise<RunRequest> {
  const bytes = await store.get(specKey)
  if (bytes === undefined)
    throw new RetortError('run-unknown', `The request of run '${run}' is not in the store.`)
  return JSON.parse(new TextDecoder().decode(bytes)) as RunRequest
}

/**
 * Checks a pipeline, stages its source and stores the plan.
 *
 * A run that has a plan keeps it: models that the environment chose stay chosen, and another pipeline or
 * source is refused unless changes are accepted. Limits and other things that no result depends on follow the
 * new request.
 *
 * @throws RetortError with the verdict `invalid`; `run-changed` names what changed
 */
export async function settlePlan(
  context: WorkerContext,
  run: string,
  request: RunRequest,
  acceptsChanges: boolean,
  signal: AbortSignal,
): Promise<Plan> {
  const { plan: earlier, version } = (await readPlan(context, run)) ?? {}
  const { continues } = request
  const continued = continues === undefined ? undefined : (await readPlan(context, continues))?.plan
  const spec = settleModels(request.spec, earlier?.spec, context)
  const { registry, environment } = context
  const unread = resolvePipeline(spec, { registry, environment })
  const generators = unread.filter(({ definition }) => isGenerator(definition))
  const [staged, prices] = await Promise.all([
    stageAll(context, generators, request, run, signal, continued),
    pricesOf(unread, context),
  ])
  const sourceColumns = Object.fromEntries(
    staged.flatMap(({ step, source }) =>
      step.model === undefined ? [[step.spec.name, source.manifest.columns]] : [],
    ),
  )
  const steps = resolvePipeline(spec, { registry, environment, sourceColumns })
  await checkFormats(steps)
  const { epoch, retries } = await settleAnew(context.store, run, request, steps, {
    earlier,
    continued,
  })
  const modes = await planModes(context, spec.name, steps, {
    rows: Math.max(0, ...staged.map(({ source }) => source.manifest.rows)),
    request,
  })
  const hasJobs = (step: number) => (modes[step] ?? 'online') !== 'online'
  const { places, stages } = stagesOf(steps, hasJobs)
  const target = request.isPreview === true ? null : (spec.rows ?? null)
  const growth = target === null ? 1 : growthOf(steps)
  const plan: Plan = {
    version: 2,
    run: run,
    storeId: context.storeId,
    seed: spec.seed ?? 0,
    epoch,
    workingFolder: request.workingFolder,
    spec,
    sources: staged.map(({ step, source, content }) => ({
      step: steps.findIndex(({ spec: { name } }) => name === step.spec.name),
      key: source.manifest.key,
      rows: source.manifest.rows,
      ...(target === null ? {} : { content }),
    })),
    shardSize,
    steps: steps.map((step, index) => ({
      ...toPlannedStep(step, steps, context, request.spec, prices, modes[index]),
      ...(places[index] ?? { barrier: null, isGathered: false, roots: [] }),
      retries: retries[index] ?? 0,
    })),
    stages,
    target,
    ...(growth > 1 ? { growth } : {}),
    leaves: steps.flatMap((step, index) =>
      steps.some((other) => other.spec.after?.includes(step.spec.name)) ? [] : [index],
    ),
    ...(request.isPreview === true ? { isPreview: true } : {}),
    plannedAt: earlier?.plannedAt ?? Date.now(),
  }
  if (request.settings?.budget !== undefined)
    checkBudget(request.settings.budget, budgetedModels(plan.steps))
  const changes = earlier === undefined ? [] : describeChanges(earlier, plan)
  if (changes.length > 0) {
    // A version once committed stays, so that nothing that another plan made could be published.
    const committed = await context.store.head(manifestKey(spec.name, run))
    if (!acceptsChanges || committed !== undefined) {
      const advice =
        committed === undefined
          ? 'Start a new run, or go on with --accept-changes.'
          : 'It has completed; start a new run, or make a new version with --accept-changes.'
      throw new RetortError(
        'run-changed',
        `Run '${run}' was planned otherwise: ${changes.join('; ')}. ${advice}`,
        { data: { changes } },
      )
    }
  }
  if (earlier !== undefined && hashJson(earlier) === hashJson(plan)) return plan
  const bytes = new TextEncoder().encode(JSON.stringify(plan))
  if ((await context.store.compareAndSet(planKey(run), bytes, version)) !== undefined) return plan
  // Somebody else planned the run meanwhile, and that plan holds.
  return await settlePlan(context, run, request, acceptsChanges, signal)
}

/** A generator with its rows. */
interface Staged extends StagedRows {
  readonly step: ResolvedStep
}

async function stageAll(
  context: WorkerContext,
  generators: readonly ResolvedStep[],
  ...others: [request: RunRequest, run: string, signal: AbortSignal, continued: Plan | undefined]
): Promise<readonly Staged[]> {
  const staged: Staged[] = []
  // One after the other: each may fill the memory that staging is allowed.
  for (const step of generators)
    staged.push({ step, ...(await stageGenerator(context, step, ...others)) })
  return staged
}

/** The spec with each model as it is used: what the environment chose once stays for the run. */
function settleModels(
  spec: PipelineSpec,
  earlier: PipelineSpec | undefined,
  context: WorkerContext,
): PipelineSpec {
  const steps = spec.steps.map((step) => {
    const asked = modelIn(step.params)
    if (asked === undefined || typeof asked.model['type'] !== 'string') return step
    const { name } = asked
    const before = earlier?.steps.find((other) => other.name === step.name)?.params?.[name]
    // The model's members are checked when the step is resolved.
    const model = asked.model as unknown as ModelSpec
    const settled = context.registry.resolveModel(model, context.environment)
    const isChosen = settled.type !== model.type
    return {
      ...step,
      params: {
        ...step.params,
        [name]: (isChosen && before !== undefined ? before : settled) as never,
      },
    }
  })
  return { ...spec, steps }
}

function toPlannedStep(
  step: ResolvedStep,
  steps: readonly ResolvedStep[],
  context: WorkerContext,
  requested: PipelineSpec,
  prices: ReadonlyMap<string, Price>,
  mode: PlannedMode = 'online',
): Omit<PlannedStep, 'retries' | keyof StepPlace> {
  const { spec, definition, model, columns } = step
  return {
    name: spec.name,
    type: spec.type,
    kind: isGenerator(definition) ? 'generator' : definition.kind,
    signature: step.signature,
    batchSize: step.batchSize,
    after: (spec.after ?? []).map((name) => steps.findIndex((other) => other.spec.name === name)),
    inputs: spec.inputs ?? {},
    outputs: spec.outputs ?? {},
    keeps: step.keeps ?? null,
    branches: step.branches ?? null,
    route: step.route?.planned ?? null,
    columns: columns?.schemas ?? {},
    model:
      model === undefined
        ? null
        : {
            type: model.spec.type,
            model: model.model,
            isSimulated: modelOfType(context.registry, model.spec.type, spec.name).isSimulated,
            isFromEnvironment: modelTypeIn(requested, spec.name) !== model.spec.type,
            limitGroup: model.limitGroup,
            maxConcurrency: model.spec.limits?.maxConcurrency ?? null,
            maxNewTokens: mostNewTokens(model.parameters),
            price: prices.get(spec.name) ?? null,
            ...(mode === 'online' ? {} : { mode }),
          },
    papers: 'papers' in definition ? (definition.papers ?? []) : [],
    taskQueue: spec.taskQueue ?? null,
  }
}

/** Checks what answers of steps have to be. @throws RetortError `parameter-invalid` */
async function checkFormats(steps: readonly ResolvedStep[]): Promise<void> {
  for (const { spec, params } of steps) {
    const { structuredOutput } = params
    if (structuredOutput === undefined) continue
    const what = `Parameter 'structuredOutput' of step '${spec.name}'`
    const format = parseAnswerFormat(structuredOutput, what)
    const { check } = await loadStructured()
    check(format, what)
  }
}

const noModels: ReadonlySet<string> = new Set()

/** How each step asks its model. */
async function planModes(
  { registry, store }: WorkerContext,
  pipeline: string,
  steps: readonly ResolvedStep[],
  { rows, request }: { readonly rows: number; readonly request: RunRequest },
): Promise<readonly PlannedMode[]> {
  // What is shown is waited for.
  if (request.isPreview === true) return steps.map(() => 'online')
  const types = steps.map(({ spec, model }) =>
    model === undefined ? undefined : modelOfType(registry, model.spec.type, spec.name),
  )
  const hasJobs = (type: (typeof types)[number]) => type?.capabilities?.batch === true
  const going = types.some(hasJobs) ? await modelsOfJobs(new Intents(store, pipeline)) : noModels
  return steps.map(({ params, model }, index) => {
    const type = types[index]
    if (model === undefined || type === undefined) return 'online'
    return planMode({
      params,
      rows,
      hasJobs: hasJobs(type),
      offersJobs: type.offersJobs?.(model.spec) ?? hasJobs(type),
      isAttended: request.isUnattended !== true,
      areOthersGoing: hasJobs(type) && going.has(model.model),
    })
  })
}

/** The models that batch jobs are under way of. */
async function modelsOfJobs(intents: Intents): Promise<ReadonlySet<string>> {
  const models = new Set<string>()
  for (const { id, hasEnded } of await intents.list()) {
    if (hasEnded) continue
    const intent = await intents.get(id)
    if (intent !== undefined) models.add(intent.model)
  }
  return models
}

/** Step to the price of its model, of those that are known. */
async function pricesOf(
  steps: readonly ResolvedStep[],
  { registry }: WorkerContext,
): Promise<ReadonlyMap<string, Price>> {
  const prices = new Map<string, Price>()
  for (const { spec, model } of steps) {
    if (model === undefined) continue
    const typeOf = (type: string) => modelOfType(registry, type, spec.name)
    const price = await priceOfModel(model.spec, typeOf)
    if (price !== undefined) prices.set(spec.name, price)
  }
  return prices
}

function modelTypeIn({ steps }: PipelineSpec, stepName: string): unknown {
  return modelIn(steps.find(({ name }) => name === stepName)?.params)?.model['type']
}
