import type { CallEstimate, RowEstimate } from '../../core/estimate-calls.ts'
import type { JsonObject } from '../../core/json.ts'
import type { SettableParam } from '../../core/list-params.ts'
import type { LLMLimits, LLMPrices } from '../../core/llm-spec.ts'
import type { RowTarget } from '../../core/spec.ts'

/** What can be told of a pipeline without running it: what `retort info --json` prints. */
export interface PipelineInfo {
  readonly name: string
  /** Absolute path of the file. */
  readonly file: string
  readonly seed: number
  /** How many rows the dataset is to have; `null`: as many as there are. */
  readonly target: RowTarget | null
  /** In an order in which each step comes after those that it reads. */
  readonly steps: readonly StepInfo[]
  /** The columns that go from step to step, and into the dataset. */
  readonly edges: readonly EdgeInfo[]
  readonly estimate: TotalEstimate
  /** Sentences about what is estimated and how, and what is not known and why. */
  readonly notes: readonly string[]
}

/** One step. */
export interface StepInfo {
  readonly name: string
  readonly type: string
  /** `generator`, `map`, `join`, …: what its definition says; of a task that begins a pipeline `generator`. */
  readonly kind: string
  /** The steps whose rows it reads. */
  readonly after: readonly string[]
  /** Whether its rows are a part of the dataset. */
  readonly isLeaf: boolean
  /** Rows that it gives; `null` where that is not known. */
  readonly rows: RowEstimate | null
  /** The model that it asks; `null` where it asks none. */
  readonly model: ModelInfo | null
  /** What it will ask that model; `null` where it asks none. */
  readonly calls: CallEstimate | null
  readonly params: readonly SettableParam[]
}

/** The model that a step asks. */
export interface ModelInfo {
  readonly type: string
  readonly model: string
  /** Name of the provider, or the address that is called. */
  readonly provider: string
  readonly isSimulated: boolean
  /** Whether the environment chose it, and not the pipeline. */
  readonly isFromEnvironment: boolean
  /** What is told of its limits; what is not told is found while a run goes. */
  readonly limits: LLMLimits
  /** Steps whose models have the same one share their limits. */
  readonly limitGroup: string
  /** Most tokens of an answer. */
  readonly maxNewTokens: number
  /** `null` where they are not known. */
  readonly prices: LLMPrices | null
}

/** Rows on their way from a step to another, or into the dataset. */
export interface EdgeInfo {
  readonly from: string
  /** `null` for the dataset. */
  readonly to: string | null
  /** In order; `null` where only reading the source tells them. */
  readonly columns: readonly ColumnInfo[] | null
}

/** A column on an edge. */
export interface ColumnInfo {
  readonly name: string
  /** As people write it: `string`, `integer | null`. */
  readonly type: string
  readonly schema: JsonObject
  /** The column of the step at the edge's end that reads it; `null` where it passes by. */
  readonly readAs: string | null
}

/** What all steps together will ask, at worst. */
export interface TotalEstimate {
  /** Source rows; `null` where they are not known. */
  readonly rows: RowEstimate | null
  /** `null` where those of any step are not known. */
  readonly calls: number | null
  readonly mostCalls: number | null
  /** US dollars of `calls`; `null` where those of any step are not known. */
  readonly costUsd: number | null
  /** Whether `costUsd` leaves out prompts of which the length is not known. */
  readonly leavesOutPrompts: boolean
}
