import type { AnswerFormat, ChatAnswer, ChatMessage } from './chat.ts'
import type { Row, Schema } from './columns.ts'
import type { EmbeddingAnswer } from './embedding-model.ts'
import type { GlobalDefinition } from './global-step.ts'
import type { ImageAnswer } from './image-model.ts'
import type { JsonObject } from './json.ts'
import type { ModelKind } from './llm-spec.ts'
import type { Rejection } from './rejection.ts'
import type { SourceFiles } from './source-files.ts'

/** Column name to the JSON Schema of its values. */
export type ColumnSchemas = Readonly<Record<string, JsonObject>>

/** Which columns a step with given parameters reads, writes and lets pass. */
export interface ColumnContract {
  readonly reads: ColumnSchemas
  /** Columns of `reads` that need not be there. */
  readonly optional: readonly string[]
  readonly writes: ColumnSchemas
  /** Columns, beside those read, that it may overwrite. */
  readonly replaces: readonly string[]
  /** The only columns of the input that stay; all of them where this is left out. */
  readonly keeps?: readonly string[]
  /** Columns of `reads` that do not stay. */
  readonly drops?: readonly string[]
}

/** What a step asks its model for one sample of one row. */
export interface Question {
  readonly messages: readonly ChatMessage[]
  /** Index of the row within the batch; rows are served in order. */
  readonly rowIndex: number
  readonly sampleIndex: number
  /** How many samples of the row are asked for with these messages at the same time, this one among them; 1 where left out. */
  readonly samples?: number
  /** How many answers to this row and sample did not hold before; their conversation is in the messages. */
  readonly reask: number
  /** What the answer has to be. */
  readonly format?: AnswerFormat | undefined
  /** What the task itself gives as an example answer for this row. */
  readonly example: () => string
}

/** A text of which a step wants the vector. */
export interface EmbeddingQuestion {
  readonly text: string
  readonly rowIndex: number
}

/** A prompt of which a step wants an image. */
export interface ImageQuestion {
  readonly prompt: string
  readonly rowIndex: number
  readonly sampleIndex: number
}

/** What a step's code may ask of its model; each waits for limits and repeats what a provider failed at. */
export interface StepModel {
  ask(question: Question): Promise<ChatAnswer>
  /** Asks for the vectors of many texts at once, in as few calls as the provider's limits allow. */
  embed(questions: readonly EmbeddingQuestion[]): readonly Promise<EmbeddingAnswer>[]
  makeImage(question: ImageQuestion): Promise<ImageAnswer>
  /** @throws RetortError `parameter-invalid` where no answer can be held to a format, said of `who` */
  checkFormat(format: AnswerFormat, who: string): Promise<void>
  /** Finds in an answer what its format wants. @throws Error with a sentence for the model */
  readStructured(format: AnswerFormat, text: string, isCutOff: boolean): Promise<string>
}

/** What a step's code gets beside rows and parameters. */
export interface StepContext extends Pick<StepModel, 'ask'> {
  /** The step's name in its pipeline. */
  readonly stepName: string
  /** The pipeline's seed. */
  readonly seed: number
  /** Identity of each row, in the order of the rows. */
  readonly identities: readonly string[]
  readonly signal: AbortSignal
}

/** What the engine gives to its own steps' code: all that a model may be asked. */
export interface AskingContext extends StepContext, StepModel {}

/** What a step yields for one row: a row, several (none: the row is filtered out), or a rejection. */
export type StepOutput<Out extends Row> = Out | Rejection | readonly (Out | Rejection)[]

/** Parameters that every step but a generator has; they never change its results. */
export interface CommonParams {
  /** Rows of one batch: what is stored, retried and shown in the Temporal UI at once. Default 50. */
  readonly inputBatchSize?: number
}

/** What the code of every step says that gets rows, whether batch by batch or all of them. */
export interface RowDefinition<
  In extends Row = Row,
  Out extends Row = Row,
  Params extends Row = Row,
> {
  readonly type: string
  /** Raised by hand whenever a built-in's results change; custom code is hashed instead. */
  readonly version?: string
  readonly params?: Schema<Params>
  readonly inputs: Schema<In>
  readonly outputs: Schema<Out>
  /** Columns beside those read that it may overwrite. */
  readonly replaces?: readonly string[]
  /** The only columns of the input that stay; all of them where this is left out. */
  readonly keeps?: readonly string[]
  /** Papers that it follows, as arXiv ids; the dataset's card cites them. */
  readonly papers?: readonly string[]
  /** Own parameters that no result depends on, and that are therefore no part of its signature. */
  readonly unsigned?: readonly string[]
  /**
   * Overrides the columns of `inputs` and `outputs` where they depend on parameters.
   *
   * `before` are those that are there, under the names that the step has for them; none where nobody knows them.
   */
  columns?(params: Params, stepName: string, before?: ColumnSchemas): ColumnContract
  /** Overrides `inputs` as the check of each row where columns depend on parameters. */
  rowSchema?(params: Params): Schema<In>
  /** Finds what a schema cannot say; throws a `RetortError` `parameter-invalid` or `template-invalid`. */
  checkParams?(params: Params, stepName: string): void
}

/** The code of a step that works row by row, held by the activity worker and by nobody else. */
export interface StepDefinition<
  In extends Row = Row,
  Out extends Row = Row,
  Params extends Row = Row,
> extends RowDefinition<In, Out, Params> {
  readonly kind: 'map'
  /** The kind of model that it asks: that of its parameter `llm`, `embeddings` or `imageGenerationModel`. */
  readonly asks?: ModelKind
  /**
   * Whether it may make several rows of one. A pipeline that makes rows until enough pass begins with fewer source rows
   * then, so that no more is asked behind it than is needed.
   */
  readonly makesSeveral?: boolean
  /** How many rows it makes, where it begins a pipeline: it is run over so many rows without columns. */
  numRows?(params: Params): number
  /** The prompt that the step would send for a row, for `task print`. */
  prompt?(
    row: In,
    params: Params,
    context: { readonly seed: number; readonly identity: string },
  ): readonly ChatMessage[]
  /** Yields one {@link StepOutput} for each row, in the order of the rows; only the columns that it adds. */
  process(
    rows: readonly In[],
    params: Params,
    context: StepContext,
  ): AsyncIterable<StepOutput<Out>> | Iterable<StepOutput<Out>>
}

/** What a generator's code gets beside its parameters. */
export interface GeneratorContext {
  readonly seed: number
  readonly files: SourceFiles
  readonly signal: AbortSignal
}

/** The code of a step that makes rows out of nothing but its parameters. */
export interface GeneratorDefinition<Out extends Row = Row, Params extends Row = Row> {
  readonly kind: 'generator'
  readonly type: string
  readonly version?: string
  readonly params?: Schema<Params>
  /** Left out where the columns are known only when the rows are read. */
  readonly outputs?: Schema<Out>
  readonly unsigned?: readonly string[]
  /** Overrides `outputs` where the columns depend on parameters; `undefined`: known when the rows are read. */
  columns?(params: Params): ColumnSchemas | undefined
  checkParams?(params: Params, stepName: string): void
  /** The parameter that says how many rows it makes; where a pipeline makes rows until enough pass, it need not be given. */
  readonly countParam?: string
  /** Whether making rows takes nothing but parameters and files of this machine, so that looking at the first is free. */
  isLocal?(params: Params): boolean
  /** A hash that is the same as long as the rows are; where there is one, rows read once are not read again. */
  fingerprint?(params: Params, context: GeneratorContext): Promise<string>
  generate(params: Params, context: GeneratorContext): AsyncIterable<Out> | Iterable<Out>
}

/** One of the branches that a join brings together. */
export interface BranchColumns {
  /** The name of the branch's last step. */
  readonly name: string
  readonly columns: ColumnSchemas
  /** The columns that the branch itself wrote. */
  readonly written: readonly string[]
  /** Whether rows may come to the join without it, so that its columns may be `null`. */
  readonly isOptional?: boolean
}

/** A branch's row for a join: `undefined` where it was not sent there, `null` where it is to stand for one that is missing. */
export type JoinedRow = Row | null | undefined

/** Parameters that every join has. */
export interface JoinParams {
  /**
   * What becomes of a row that a branch let out, such as a filter in it: `reject` it (the default), put `null` where
   * its values would be, or stop the run with an `error`. A row that a branch rejected stands among the rejected ones
   * already, and one that a route sent elsewhere is not missing.
   */
  readonly onMissing?: 'reject' | 'null' | 'error'
}

/** The code of a step that brings branches together, row by row. */
export interface JoinDefinition<Params extends Row = Row> {
  readonly kind: 'join'
  readonly type: string
  readonly version?: string
  readonly params?: Schema<Params>
  /** The joined rows' columns. @throws RetortError `column-missing`, `column-taken` */
  columns(
    params: Params & JoinParams,
    branches: readonly BranchColumns[],
    stepName: string,
  ): ColumnSchemas
  /** Makes one row of the branches' rows of one origin, in declared order; one of them is there at least. */
  join(rows: readonly JoinedRow[], branches: readonly BranchColumns[], params: Params): Row
}

/** The code of any step. */
export type AnyDefinition = StepDefinition | GlobalDefinition | GeneratorDefinition | JoinDefinition

/** The code of a step that gets rows. */
export type StepCode = StepDefinition | GlobalDefinition

/** The code of a step that begins a pipeline: one that makes rows, or asks a model for them. */
export type GeneratorCode = GeneratorDefinition | StepDefinition

/** Where a step object keeps its code; JSON does not show it. */
export const definitionKey: unique symbol = Symbol.for('retort.definition')

/**
 * What a step does to the columns of its pipeline, where that depends on them: a function of types.
 *
 * A step gives an interface of its own that extends this one and speaks of `this['before']`.
 */
export interface ColumnChange {
  /** The columns that are there, under the names that the step has for them. */
  readonly before: unknown
  /** Names of the columns that do not stay; `string`: none of them does. */
  readonly drops: string
  /** The columns that it writes. */
  readonly writes: Row
}

/**
 * A step as it stands in a pipeline: plain JSON and, at compile time only, the columns it reads
 * and writes.
 *
 * `In` is contravariant: a step that reads fewer columns fits wherever more are on offer.
 * That one fact is the whole check that the columns of a pipeline line up. `Change` says more than
 * `Out` can, where what a step writes depends on the columns before it or some of them do not stay.
 */
export interface Step<
  in In extends Row,
  out Out extends Row,
  out Change extends ColumnChange = never,
  out Definition extends StepCode = StepDefinition,
> {
  readonly kind: Definition['kind']
  readonly type: string
  readonly params: JsonObject
  readonly [definitionKey]: Definition
  /** Phantom; never present at run time. */
  readonly columns: (row: In) => Out
  /** Phantom as well. */
  readonly change: () => Change
}

/** A step that makes rows out of nothing but its parameters. */
export interface GeneratorStep<
  out Out extends Row,
  out Definition extends GeneratorCode = GeneratorDefinition,
> {
  readonly kind: Definition['kind']
  readonly type: string
  readonly params: JsonObject
  readonly [definitionKey]: Definition
  /** Phantom; never present at run time. */
  readonly columns: () => Out
}
