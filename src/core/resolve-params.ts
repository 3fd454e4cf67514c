import { membersOf } from './column-schemas.ts'
import type { Members } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { isObject } from './json.ts'
import type { LLMLimits, LLMPrices, ModelKind, ModelSpec } from './llm-spec.ts'
import { modelKindOf, modelParams } from './model-param.ts'
import { capitalized, nearestName, quoted } from './names.ts'
import type { RouteDefinition, RouteSpec } from './route.ts'
import type { StepSpec } from './spec.ts'
import type { AnyDefinition } from './step.ts'

/** Rows of a batch where a step does not say. */
export const defaultBatchSize = 50

const commonParams = ['inputBatchSize']
/** What a join does with a row that a branch let out. */
export const joinDefaults: Row = { onMissing: 'reject' }
const onMissingValues: readonly unknown[] = ['reject', 'null', 'error']
/** Defaults of the parameters that every task has; written out or left out, they sign the same. */
export const taskDefaults: Row = {
  numGenerations: 1,
  groupGenerations: false,
  maxReasks: 2,
  resample: false,
  addRawInput: false,
  addRawOutput: false,
  addReasoning: false,
  addLogprobs: false,
}
const taskParams = [...Object.keys(taskDefaults), 'structuredOutput', 'mode']

/** A step's parameters, checked and with defaults filled in. */
export interface ResolvedParams {
  /** What the step's code gets. */
  readonly params: Row
  readonly batchSize: number
  readonly model: ModelSpec | undefined
}

/**
 * Checks a step's parameters.
 *
 * @throws RetortError `parameter-unknown` with the nearest name, `parameter-invalid`, `template-invalid`
 */
export function resolveParams(definition: AnyDefinition, step: StepSpec): ResolvedParams {
  const given = step.params ?? {}
  const asks = modelKindOf(definition)
  const engine = engineParams(definition)
  const own = ownParams(definition)
  const known = parameterNames(definition)
  for (const name of Object.keys(given))
    if (!known.includes(name) && own?.isOpen !== true)
      throw new RetortError(
        'parameter-unknown',
        `Step '${step.name}' (${definition.type}) has no parameter '${name}'. ${nearestName(name, known)}`,
      )
  const owned = Object.fromEntries(Object.entries(given).filter(([name]) => !engine.includes(name)))
  const shared = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => engine.includes(name) && value !== undefined),
  )
  const params: Row = {
    ...validate(definition, `step '${step.name}'`, owned),
    ...(asks === 'llm' ? taskDefaults : {}),
    ...(isBeginningTask(definition) ? { resample: true } : {}),
    ...(definition.kind === 'join' ? joinDefaults : {}),
    ...shared,
  }
  const { onMissing } = params
  if (definition.kind === 'join' && !onMissingValues.includes(onMissing))
    throw new RetortError(
      'parameter-invalid',
      `Parameter 'onMissing' of step '${step.name}' is ${JSON.stringify(onMissing)}; it takes ${quoted(onMissingValues.map(String))}.`,
    )
  if (isBeginningTask(definition)) checkNumRows(params['numRows'], step.name)
  if ('checkParams' in definition) definition.checkParams?.(params, step.name)
  return {
    params,
    batchSize: parseBatchSize(given['inputBatchSize'], step.name),
    model: asks === undefined ? undefined : parseModel(given[modelParams[asks]], asks, step.name),
  }
}

/** Checks a route's parameters, as those of a step. @throws RetortError `parameter-unknown`, `parameter-invalid` */
export function checkRouteParams(
  definition: RouteDefinition,
  { params = {} }: RouteSpec,
  stepName: string,
): Row {
  const own = ownParams(definition)
  const known = Object.keys(own?.columns ?? {})
  for (const name of Object.keys(params))
    if (!known.includes(name) && own?.isOpen !== true)
      throw new RetortError(
        'parameter-unknown',
        `The route behind step '${stepName}' (${definition.type}) has no parameter '${name}'. ${nearestName(name, known)}`,
      )
  return validate(definition, `the route behind step '${stepName}'`, params)
}

/** Names of the parameters that a step's definition has, with those that the engine gives it. */
export function parameterNames(definition: AnyDefinition): readonly string[] {
  return [...Object.keys(ownParams(definition)?.columns ?? {}), ...engineParams(definition)]
}

function ownParams({ params, type }: AnyDefinition | RouteDefinition): Members | undefined {
  return params === undefined
    ? undefined
    : membersOf(params, 'input', `the parameters of '${type}'`)
}

/** Whether a definition is of a task that begins a pipeline. */
export function isBeginningTask(definition: AnyDefinition): boolean {
  return definition.kind === 'map' && definition.numRows !== undefined
}

/** Whether a step's rows are divided into batches of the size that its parameters say. */
export function hasBatches({ kind }: AnyDefinition): boolean {
  return kind === 'map' || kind === 'join'
}

function engineParams(definition: AnyDefinition): readonly string[] {
  const asks = modelKindOf(definition)
  return [
    ...(hasBatches(definition) ? commonParams : []),
    ...(asks === undefined ? [] : [modelParams[asks]]),
    ...(asks === 'llm' ? taskParams : []),
    ...(isBeginningTask(definition) ? ['numRows'] : []),
    ...(definition.kind === 'join' ? Object.keys(joinDefaults) : []),
  ]
}

function validate(definition: AnyDefinition | RouteDefinition, what: string, params: Row): Row {
  if (definition.params === undefined) return params
  const checked = definition.params['~standard'].validate(params)
  if (checked instanceof Promise)
    throw new RetortError(
      'spec-invalid',
      `The parameter schema of '${definition.type}' is asynchronous; use a synchronous one.`,
    )
  if (checked.issues === undefined) return checked.value
  const [issue] = checked.issues
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  const [first = ''] = path
  if (path.length === 1 && params[first] === undefined)
    throw new RetortError(
      'parameter-invalid',
      `${capitalized(what)} (${definition.type}) needs the parameter '${first}'.`,
    )
  throw new RetortError(
    'parameter-invalid',
    `${path.length === 0 ? 'What is given as parameters' : `Parameter '${path.join('.')}'`} of ${what} (${definition.type}) does not hold: ${issue?.message ?? 'invalid'}.`,
  )
}

function parseBatchSize(value: unknown, stepName: string): number {
  if (value === undefined) return defaultBatchSize
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 5_000)
    return value
  throw new RetortError(
    'parameter-invalid',
    `Parameter 'inputBatchSize' of step '${stepName}' is ${JSON.stringify(value)}; it takes a whole number from 1 to 5000.`,
  )
}

function checkNumRows(value: unknown, stepName: string): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return
  throw new RetortError(
    'parameter-invalid',
    value === undefined
      ? `Step '${stepName}' makes rows of its own; its parameter 'numRows' says how many.`
      : `Parameter 'numRows' of step '${stepName}' is ${shown(value)}; it takes a whole number of 1 or more.`,
  )
}

const modelExamples: Readonly<Record<ModelKind, string>> = {
  llm: '{ type: OpenAILLM, params: { model: gpt-4o-mini } }',
  embeddings: '{ type: OpenAIEmbeddings, params: { model: text-embedding-3-small } }',
  images: '{ type: OpenAIImageGeneration, params: { model: gpt-image-1 } }',
}

function parseModel(value: unknown, kind: ModelKind, stepName: string): ModelSpec {
  if (!isObject(value) || typeof value['type'] !== 'string')
    throw new RetortError(
      'parameter-invalid',
      `Step '${stepName}' needs a model: its parameter '${modelParams[kind]}' takes { type, params }, such as ${modelExamples[kind]}.`,
    )
  for (const name of Object.keys(value))
    if (!modelMembers.includes(name))
      throw new RetortError(
        'parameter-unknown',
        `The model of step '${stepName}' has no member '${name}'. ${nearestName(name, modelMembers)}`,
      )
  for (const member of ['module', 'export']) checkText(value[member], member, stepName)
  checkLimits(value['limits'], stepName)
  checkPrices(value['prices'], stepName)
  // The model's own parameters are checked by its type.
  return { params: {}, ...value } as unknown as ModelSpec
}

const modelMembers: readonly string[] = ['type', 'params', 'limits', 'prices', 'module', 'export']

function checkText(value: unknown, member: string, stepName: string): void {
  if (value === undefined || typeof value === 'string') return
  throw new RetortError(
    'parameter-invalid',
    `The '${member}' of the model of step '${stepName}' is ${JSON.stringify(value)}; it takes a text.`,
  )
}

/** What of a model's limits can be told. */
export const limitNames: readonly (keyof LLMLimits)[] = [
  'maxConcurrency',
  'requestsPerMinute',
  'tokensPerMinute',
  'group',
]

function checkLimits(limits: unknown, stepName: string): void {
  if (limits === undefined) return
  if (!isObject(limits))
    throw new RetortError(
      'parameter-invalid',
      `The model's 'limits' of step '${stepName}' are no object.`,
    )
  for (const [name, value] of Object.entries(limits)) {
    if (!(limitNames as readonly string[]).includes(name))
      throw new RetortError(
        'parameter-unknown',
        `The model's limits of step '${stepName}' have no '${name}'. ${nearestName(name, limitNames)}`,
      )
    const isSound =
      name === 'group'
        ? typeof value === 'string'
        : typeof value === 'number' && Number.isInteger(value) && value >= 1
    if (!isSound)
      throw new RetortError(
        'parameter-invalid',
        `Limit '${name}' of step '${stepName}' is ${shown(value)}; it takes ${name === 'group' ? 'a name' : 'a whole number of 1 or more'}.`,
      )
  }
}

/** What of a model's prices has to be told. */
export const priceNames: readonly (keyof LLMPrices)[] = [
  'inputUsdPerMillion',
  'outputUsdPerMillion',
  'cachedInputUsdPerMillion',
]
const optionalPrices: readonly (keyof LLMPrices)[] = ['cachedInputUsdPerMillion']

function checkPrices(prices: unknown, stepName: string): void {
  if (prices === undefined) return
  if (!isObject(prices))
    throw new RetortError(
      'parameter-invalid',
      `The model's 'prices' of step '${stepName}' are no object.`,
    )
  for (const name of Object.keys(prices))
    if (!(priceNames as readonly string[]).includes(name))
      throw new RetortError(
        'parameter-unknown',
        `The model's prices of step '${stepName}' have no '${name}'. ${nearestName(name, priceNames)}`,
      )
  for (const name of priceNames) {
    const value = prices[name]
    if (value === undefined && optionalPrices.includes(name)) continue
    if (value === undefined)
      throw new RetortError(
        'parameter-invalid',
        `The model's prices of step '${stepName}' lack '${name}'; they take both ${quoted(priceNames.slice(0, 2))}.`,
      )
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new RetortError(
        'parameter-invalid',
        `Price '${name}' of step '${stepName}' is ${shown(value)}; it takes US dollars per million tokens, 0 or more.`,
      )
  }
}

/** A value as its author wrote it; JSON has no word for some numbers. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}
