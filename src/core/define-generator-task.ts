import { anyRow } from './any-row.ts'
import type { ChatMessage } from './chat.ts'
import type { Row, Schema } from './columns.ts'
import { withDefinition } from './define-step.ts'
import type { NoParams } from './define-step.ts'
import { toStepDefinition } from './define-task.ts'
import type { TaskOutput } from './define-task.ts'
import type { JsonObject } from './json.ts'
import type { GeneratorStep, StepDefinition } from './step.ts'
import type { TaskContext, TaskDefinition, TaskParams } from './task.ts'

/** Parameters that every task has that makes rows of its own. */
export interface GeneratorTaskParams extends Omit<TaskParams, 'resample'> {
  /**
   * How many rows the model is asked for, each by a call of its own. Need not be given where the pipeline makes rows until
   * enough pass (`pipeline.rows`).
   */
  readonly numRows?: number
  /** Gives rows with equal prompts an answer each, where otherwise they share one. Default true. */
  readonly resample?: boolean
}

/** A task that makes rows of its own: its prompts follow from parameters and random numbers alone. */
export interface GeneratorTaskDefinition<
  Out extends Row = Row,
  Params extends Row = Row,
> extends Pick<
  TaskDefinition<{}, Out, Params>,
  'type' | 'version' | 'outputs' | 'papers' | 'outputSchema' | 'checkParams' | 'onCutOff'
> {
  readonly params?: Schema<Params>
  /** The messages for one row; `random` is seeded by the pipeline's seed and the number of the row. */
  formatInput(context: TaskContext<Params>): readonly ChatMessage[]
  /** The row's columns out of the answer; where it throws, the model is told why and asked again. */
  formatOutput(text: string, context: TaskContext<Params>): Out
  /** An answer as a model could give it: what a simulated model says. */
  example?(context: TaskContext<Params>): string
}

/** What a pipeline's author calls to begin a pipeline with a task. */
export interface GeneratorTaskFactory<Out extends Row, Params> {
  <const Given extends Params & GeneratorTaskParams>(
    params: Given,
  ): GeneratorStep<TaskOutput<Out, Given>, StepDefinition>
  readonly definition: StepDefinition
}

/**
 * Defines a task that makes rows of its own, and so begins a pipeline: planned, stored, resumed and limited as any task.
 *
 * Rows are numbered from 0; a row's random numbers follow from the pipeline's seed and its number, so that more rows
 * change none of the first ones.
 *
 * @example
 * ```ts
 * const dialogues = defineGeneratorTask({
 *   type: 'Dialogues',
 *   outputs: z.object({ dialogue: z.string() }),
 *   formatInput: ({ random }) => [user(`Write a dialogue about ${topics[Math.floor(random() * topics.length)]}.`)],
 *   formatOutput: (text) => ({ dialogue: text }),
 * })
 * ```
 */
export function defineGeneratorTask<
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  task: Omit<GeneratorTaskDefinition<Out, Params>, 'params'> & {
    readonly params?: Schema<Params, ParamsInput>
  },
): GeneratorTaskFactory<Out, ParamsInput> {
  // Erases the columns: the engine checks rows and parameters against the schemas before it calls.
  const { formatInput, formatOutput, example, ...shared } =
    task as unknown as GeneratorTaskDefinition
  const definition: StepDefinition = {
    ...toStepDefinition({
      ...shared,
      inputs: anyRow,
      formatInput: (_row, context) => formatInput(context),
      formatOutput: (text, _row, context) => formatOutput(text, context),
      ...(example === undefined
        ? {}
        : { example: (_row: Row, context: TaskContext) => example(context) }),
    }),
    // The engine has seen that it is a number.
    numRows: ({ numRows }) => Number(numRows),
  }
  const create = (params: JsonObject) =>
    withDefinition<GeneratorStep<Row, StepDefinition>>(definition, params)
  return Object.assign(create, { definition }) as unknown as GeneratorTaskFactory<Out, ParamsInput>
}
