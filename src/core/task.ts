import type { AnswerFormat, ChatMessage } from './chat.ts'
import type { Row, Schema } from './columns.ts'
import type { LLMSpec } from './llm-spec.ts'
import type { Random } from './random.ts'
import type { ColumnContract, CommonParams } from './step.ts'
import type { TaskMode } from './task-mode.ts'

/** What a task's functions get beside the row. */
export interface TaskContext<Params extends Row = Row> {
  readonly params: Params
  /** Numbers in [0, 1) from the pipeline's seed and the row's identity: each call of a function starts them anew. */
  readonly random: Random
}

/** Parameters that every task has beside its own. */
export interface TaskParams extends CommonParams {
  /** The model that is asked. */
  readonly llm: LLMSpec
  /** Answers to each row, each a row of its own unless they are grouped. Default 1. */
  readonly numGenerations?: number
  /** Puts the answers of a row into lists, one item an answer. Default false. */
  readonly groupGenerations?: boolean
  /**
   * How often an answer that does not hold (unreadable, against the schema, cut off) is asked for again, with the
   * conversation so far and what was wrong; each is a call. Default 2.
   */
  readonly maxReasks?: number
  /** Gives rows with equal prompts an answer each, where otherwise they share one. Default false. */
  readonly resample?: boolean
  /** Adds the messages that were sent as column `raw_input_<step>`. Default false. */
  readonly addRawInput?: boolean
  /** Adds the text that came back as column `raw_output_<step>`. Default false. */
  readonly addRawOutput?: boolean
  /** Adds what the model thought before it answered as column `reasoning`; `null` where it shows nothing. Default false. */
  readonly addReasoning?: boolean
  /** Adds how likely each token of the answer was as column `logprobs`, where the model was asked to tell. Default false. */
  readonly addLogprobs?: boolean
  /**
   * What each answer has to be: `{ format: 'json', schema }`, `{ format: 'regex', pattern }`, or, in TypeScript, a schema
   * such as zod's. The model is held to it by its provider where that can, else told; an answer that does not hold is
   * asked for again. The task reads the answer as JSON without spaces.
   */
  readonly structuredOutput?: AnswerFormat | Schema<unknown>
  /**
   * How the model is asked: `online`, call by call (the default); `batch`, in batch jobs of its provider, which may take
   * a day and cost about half; `auto`: in jobs where the step gets 500 rows or more and nobody waits for the run, as one
   * begun with `retort start` or by a schedule. No result depends on it; what a job leaves unanswered is asked online.
   */
  readonly mode?: TaskMode
}

/** What every task writes beside its own columns. */
export type ModelName = { readonly model_name: string }

/**
 * A step that asks a model: two functions between rows and texts.
 *
 * Where `formatOutput` throws, the model is told why and asked again, up to `maxReasks` times; then the row is rejected
 * with code `output-invalid`. A throw elsewhere stops the run.
 */
export interface TaskDefinition<
  In extends Row = Row,
  Out extends Row = Row,
  Params extends Row = Row,
> {
  readonly type: string
  readonly version?: string
  readonly params?: Schema<Params>
  readonly inputs: Schema<In>
  readonly outputs: Schema<Out>
  /** Papers that the task follows, as arXiv ids (`2312.02120`); the dataset's card cites them. */
  readonly papers?: readonly string[]
  /** Overrides the input columns where they depend on parameters. */
  reads?(params: Params): Pick<ColumnContract, 'reads' | 'optional'>
  rowSchema?(params: Params): Schema<In>
  /** Overrides `outputs` where the columns that are written depend on parameters. */
  outputSchema?(params: Params): Schema<Out>
  checkParams?(params: Params, stepName: string): void
  /** Whether an answer that was cut off at `maxNewTokens` is kept, or does not hold; `reject` where left out. */
  onCutOff?(params: Params): 'keep' | 'reject'
  formatInput(row: In, context: TaskContext<Params>): readonly ChatMessage[]
  /** What the answer to a row has to be; `structuredOutput` holds where this is left out or says nothing. */
  answerFormat?(row: In, context: TaskContext<Params>): AnswerFormat | undefined
  formatOutput(text: string, row: In, context: TaskContext<Params>): Out
  /** An answer as a model could give it for this row: what a simulated model says. */
  example?(row: In, context: TaskContext<Params>): string
}
