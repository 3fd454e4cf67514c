import type { BudgetedModel } from '../src/core/check-budget.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import type { Control } from './run-control.ts'
import type { Figures, PublishedDataset } from '../src/core/run-report.ts'
import type { DatasetPart } from '../src/storage/parquet/write-parquet-part.ts'

/** What every activity is told: whose work it is. */
export interface RunRef {
  readonly storeId: string
  readonly run: string
  /** Temporal run id of the coordinator's execution that asks. */
  readonly execution: string
  /** Hash of the code that the pipeline was loaded from; `null` where all of it is built in. */
  readonly code: string | null
}

/** What planning found, and of a run of one shard what is stored, so that its first batch need not wait for that. */
export interface PlannedRun {
  readonly plan: PlanSummary
  /** What the run is set to. */
  readonly settings: RunSettings
  readonly onlyShard: ShardSummary | null
}

/** What planning found, as far as the workflow needs it. */
export interface PlanSummary {
  readonly rows: number
  readonly shardSize: number
  /** Index of the step whose rows are there from the start. */
  readonly source: number
  readonly steps: readonly PlanSummaryStep[]
  /** Indexes of the steps whose rows are a part of the dataset. */
  readonly leaves: readonly number[]
  /** How many files each leaf's rows make. */
  readonly partsPerLeaf: number
  /** The models that steps ask. */
  readonly models: readonly BudgetedModel[]
  /** Sentences for the user, such as that a model is simulated. */
  readonly notices: readonly string[]
  readonly plannedAt: number
}

/** One step of a {@link PlanSummary}. */
export interface PlanSummaryStep {
  readonly name: string
  readonly type: string
  readonly batchSize: number
  readonly after: readonly number[]
  readonly limitGroup: string | null
  /** The told ceiling of calls in flight. */
  readonly maxConcurrency: number | null
  readonly taskQueue: string | null
  /** How much of the rows of the step before it it gets, about. */
  readonly share: number
}

/** What a batch left. */
export interface BatchOutcome extends Figures {
  /** Rows that it stored. */
  readonly rows: number
}

/** What of a shard is stored already. */
export interface ShardSummary {
  /** For each step: batch, rows, batch, rows, … */
  readonly stored: readonly (readonly number[])[]
  readonly figures: Figures
}

/** What a run came to. */
export interface RunOutcome {
  readonly dataset: PublishedDataset
  readonly figures: Figures
  readonly seconds: number
  readonly notices: readonly string[]
}

/** The work that a worker does for workflows. Each may be run twice. */
export interface Activities {
  /** Checks the pipeline, stages its source and settles the plan. */
  planRun(input: {
    readonly ref: RunRef
    readonly specKey: string
    readonly acceptsChanges: boolean
  }): Promise<PlannedRun>
  /** Lists what of a shard is stored. */
  planShard(input: { readonly ref: RunRef; readonly shard: number }): Promise<ShardSummary>
  /** Runs one step over one batch and stores the rows that it makes. */
  runBatch(input: {
    readonly ref: RunRef
    readonly shard: number
    readonly step: number
    readonly batch: number
    /** How often the run had been resumed when the batch was scheduled. */
    readonly generation: number
  }): Promise<BatchOutcome>
  /** Writes what holds for an execution from here on. */
  writeControl(input: { readonly ref: RunRef; readonly control: Control }): Promise<void>
  /** Writes one part of a dataset. */
  publishPart(input: {
    readonly ref: RunRef
    readonly leaf: number
    readonly part: number
  }): Promise<DatasetPart>
  /** Writes what of a dataset is not written yet, and makes all of it visible at once. */
  publishDataset(input: {
    readonly ref: RunRef
    readonly figures: Figures
    /** Milliseconds since 1970. */
    readonly startedAt: number
    /** For each leaf, the parts that are written already. */
    readonly parts: readonly (readonly DatasetPart[])[]
  }): Promise<{ readonly dataset: PublishedDataset; readonly seconds: number }>
}
