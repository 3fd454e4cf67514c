import { parseAnswerFormat, withPlainFormat } from './answer-format.ts'
import { membersOf } from './column-schemas.ts'
import type { TokenLogprob } from './chat.ts'
import type { Row, Schema } from './columns.ts'
import { withDefinition } from './define-step.ts'
import type { NoParams } from './define-step.ts'
import { RetortError } from './errors.ts'
import type { JsonObject } from './json.ts'
import { quoted } from './names.ts'
import { processAlone, showPrompt } from './process-alone.ts'
import { taskDefaults } from './resolve-params.ts'
import { runTask, taskContext } from './run-task.ts'
import type { FilledTaskParams } from './run-task.ts'
import type { AskingContext, ColumnContract, Step, StepDefinition } from './step.ts'
import type { ModelName, TaskDefinition, TaskParams } from './task.ts'
import { taskModes } from './task-mode.ts'

/** A task as it stands in a pipeline; it can also be run alone. */
export interface TaskStep<In extends Row, Out extends Row> extends Step<In, Out> {
  /**
   * Asks the model for these rows alone, without Temporal and without a store.
   *
   * Nothing is kept: what is asked again is paid again.
   *
   * @returns the rows with the columns that the task adds, in order
   * @throws RetortError where a row is rejected or the model cannot be asked
   */
  process<Given extends In>(rows: readonly Given[]): Promise<(Given & Out)[]>
  /** The messages that the task would send for a row, as readable text; a row of placeholders where none is given. */
  print(row?: In): string
}

/** The columns `Out` as a task with these parameters writes them. */
export type TaskOutput<Out extends Row, Given> = Given extends { readonly groupGenerations: true }
  ? { readonly [K in keyof Each<Out, Given>]: Each<Out, Given>[K][] }
  : Each<Out, Given>

/** What a task with these parameters writes for each answer. */
type Each<Out extends Row, Given> = Out &
  ModelName &
  (Given extends { readonly addReasoning: true }
    ? { readonly reasoning: string | null }
    : unknown) &
  (Given extends { readonly addLogprobs: true }
    ? { readonly logprobs: readonly TokenLogprob[] | null }
    : unknown)

/** What a pipeline's author calls to ask a model. */
export interface TaskFactory<In extends Row, Out extends Row, Params> {
  <const Given extends Params & TaskParams>(params: Given): TaskStep<In, TaskOutput<Out, Given>>
  readonly definition: StepDefinition
}

/**
 * Defines a task: a step that asks a model.
 *
 * `formatInput` makes the messages for a row, `formatOutput` the columns out of the text that came
 * back; the latter may throw a sentence, which the model is told when it is asked again, and which
 * rejects that row alone in the end.
 */
export function defineTask<
  In extends Row,
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  task: Omit<TaskDefinition<In, Out, Params>, 'params'> & {
    readonly params?: Schema<Params, ParamsInput>
  },
): TaskFactory<In, Out, ParamsInput> {
  // Erases the columns: the engine checks rows and parameters against the schemas before it calls.
  const erased = task as unknown as TaskDefinition
  const definition = toStepDefinition(erased)
  const create = (given: JsonObject) => {
    const params = withPlainFormat(given, task.type)
    return withDefinition<TaskStep<In, Out>>(definition, params, {
      process: (rows: readonly Row[]) => processAlone(definition, params, rows),
      print: (row?: Row) => showPrompt(definition, params, row),
    })
  }
  return Object.assign(create, { definition }) as unknown as TaskFactory<In, Out, ParamsInput>
}

/** A task as the engine runs it: a step that asks a model. */
export function toStepDefinition(task: TaskDefinition): StepDefinition {
  return {
    kind: 'map',
    type: task.type,
    inputs: task.inputs,
    outputs: task.outputs,
    replaces: ['model_name'],
    asks: 'llm',
    ...(task.version === undefined ? {} : { version: task.version }),
    ...(task.params === undefined ? {} : { params: task.params }),
    ...(task.papers === undefined ? {} : { papers: task.papers }),
    ...(task.rowSchema === undefined
      ? {}
      : { rowSchema: (params: Row) => task.rowSchema?.(params) ?? task.inputs }),
    checkParams(params, stepName) {
      checkTaskParams(params, stepName)
      task.checkParams?.(params, stepName)
    },
    columns: (params, stepName) => taskColumns(task, params, stepName),
    prompt: (row, params, { seed, identity }) =>
      task.formatInput(row, taskContext(task, params, seed, identity)),
    process: (rows, params, context: AskingContext) =>
      runTask(task, rows, params as FilledTaskParams, context),
  }
}

function taskColumns(task: TaskDefinition, params: Row, stepName: string): ColumnContract {
  const { columns: reads, optional } = membersOf(
    task.inputs,
    'input',
    `the inputs of '${task.type}'`,
  )
  const { columns: own } = membersOf(
    task.outputSchema?.(params) ?? task.outputs,
    'output',
    `the outputs of '${task.type}'`,
  )
  const message: JsonObject = {
    type: 'object',
    properties: { role: { type: 'string' }, content: { type: 'string' } },
    required: ['role', 'content'],
  }
  const each: Record<string, JsonObject> = { ...own }
  if (params['addRawInput'] === true)
    each[`raw_input_${stepName}`] = { type: 'array', items: message }
  if (params['addRawOutput'] === true) each[`raw_output_${stepName}`] = { type: 'string' }
  if (params['addReasoning'] === true) each['reasoning'] = { type: ['string', 'null'] }
  if (params['addLogprobs'] === true)
    each['logprobs'] = { type: ['array', 'null'], items: tokenLogprob }
  each['model_name'] = { type: 'string' }
  const isGrouped = params['groupGenerations'] === true
  const writes = isGrouped
    ? Object.fromEntries(
        Object.entries(each).map(([name, items]) => [name, { type: 'array', items }]),
      )
    : each
  return { reads, optional, ...task.reads?.(params), writes, replaces: ['model_name'] }
}

const tokenLogprob: JsonObject = {
  type: 'object',
  properties: {
    token: { type: 'string' },
    logprob: { type: 'number' },
    top: {
      type: 'array',
      items: {
        type: 'object',
        properties: { token: { type: 'string' }, logprob: { type: 'number' } },
        required: ['token', 'logprob'],
      },
    },
  },
  required: ['token', 'logprob'],
}

function checkTaskParams(params: Row, stepName: string): void {
  for (const [name, least] of [
    ['numGenerations', 1],
    ['maxReasks', 0],
  ] as const) {
    const count = params[name]
    if (
      count !== undefined &&
      !(typeof count === 'number' && Number.isSafeInteger(count) && count >= least)
    )
      throw new RetortError(
        'parameter-invalid',
        `Parameter '${name}' of step '${stepName}' is ${JSON.stringify(count)}; it takes a whole number of ${least} or more.`,
      )
  }
  for (const [name, usual] of Object.entries(taskDefaults))
    if (typeof usual === 'boolean' && typeof (params[name] ?? false) !== 'boolean')
      throw new RetortError(
        'parameter-invalid',
        `Parameter '${name}' of step '${stepName}' is ${JSON.stringify(params[name])}; it takes true or false.`,
      )
  const { mode } = params
  if (mode !== undefined && !taskModes.some((one) => one === mode))
    throw new RetortError(
      'parameter-invalid',
      `Parameter 'mode' of step '${stepName}' is ${JSON.stringify(mode)}; it takes ${quoted(taskModes)}.`,
    )
  if (params['structuredOutput'] !== undefined)
    parseAnswerFormat(
      params['structuredOutput'],
      `Parameter 'structuredOutput' of step '${stepName}'`,
    )
}
