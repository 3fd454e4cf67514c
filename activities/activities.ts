import type { BudgetedModel } from '../src/core/check-budget.ts'
import type { PlannedStep } from '../src/core/plan.ts'
import type { Measured, Reach } from '../src/core/reach.ts'
import type { RunSettings } from '../src/core/run-settings.ts'
import type { RowTarget } from '../src/core/spec.ts'
import type { PlannedStage, StepPlace } from '../src/core/stages.ts'
import type { RequestPart } from './jobs/request-parts.ts'
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

/** What planning found, and of a first stage of one shard what is stored, so that its first batch need not wait for that. */
export interface PlannedRun {
  readonly plan: PlanSummary
  /** What the run is set to. */
  readonly settings: RunSettings
  readonly onlyShard: ShardSummary | null
}

/** What planning found, as far as the workflow needs it. */
export interface PlanSummary extends Measured {
  /** Source rows: those of the longest source. */
  readonly rows: number
  readonly shardSize: number
  readonly steps: readonly PlanSummaryStep[]
  readonly stages: readonly PlannedStage[]
  /** How many rows the dataset is to have; `null`: as many as there are. */
  readonly target: RowTarget | null
  /** How many rows may come of one source row, as far as that is known. */
  readonly growth: number
  /** Indexes of the steps whose rows are a part of the dataset. */
  readonly leaves: readonly number[]
  /** The models that steps ask. */
  readonly models: readonly BudgetedModel[]
  /** Sentences for the user, such as that a model is simulated. */
  readonly notices: readonly string[]
  readonly plannedAt: number
}

/** One step of a {@link PlanSummary}. */
export interface PlanSummaryStep extends StepPlace {
  readonly name: string
  readonly type: string
  readonly kind: PlannedStep['kind']
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

/** What of a shard is to be asked in jobs, on its way into them. */
export type { RequestPart } from './jobs/request-parts.ts'

/** How far batch jobs are. */
export interface JobsProgress {
  readonly requests: number
  /** Requests that have a result. */
  readonly finished: number
  /** The jobs that are under way. */
  readonly going: readonly string[]
  /** Those that have to be handed in again. */
  readonly foreign: readonly string[]
}

/** Which jobs' step, and how often the run had been resumed when their work was scheduled. */
export interface JobsOf {
  readonly ref: RunRef
  readonly step: number
  readonly generation: number
}

/** What a global step is to do. */
export interface GlobalPlan {
  /** Where its rows are stored. */
  readonly key: string
  /** Its rows, where they are there already. */
  readonly left: GlobalOutcome | null
  /** What is to be done for them, one phase after the other. */
  readonly phases: readonly { readonly phase: GlobalPhase; readonly tasks: number }[]
}

/** A pass of a global step over the rows. */
export type GlobalPhase = 'digest' | 'decide' | 'make' | 'sort' | 'deliver' | 'finish'

/** What a global step left. */
export interface GlobalOutcome {
  readonly rows: number
  readonly rejected: number
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
  /** Lists what of a shard is stored by the steps of a stage. */
  planShard(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly stage: number
    readonly shard: number
  }): Promise<ShardSummary>
  /** Runs one step over one batch and stores the rows that it makes. */
  runBatch(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly shard: number
    readonly step: number
    readonly batch: number
    /** How often the run had been resumed when the batch was scheduled. */
    readonly generation: number
  }): Promise<BatchOutcome>
  /** Finds what a global step left, or what it has to do; does all of it at once where that is little. */
  planGlobal(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly step: number
  }): Promise<GlobalPlan>
  /** Does one task of a phase of a global step; the last phase tells what it left. */
  runGlobal(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly step: number
    readonly key: string
    readonly phase: GlobalPhase
    readonly task: number
  }): Promise<GlobalOutcome | null>
  /** Finds what a step would ask about the rows of a shard. */
  collectRequests(
    input: JobsOf & { readonly reach: Reach; readonly shard: number },
  ): Promise<RequestPart>
  /** Divides what was found among batch jobs, and tells which to wait for. */
  formJobs(
    input: Omit<JobsOf, 'generation'> & { readonly parts: readonly RequestPart[] },
  ): Promise<readonly string[]>
  /** Hands a job in, or finds what it has become. */
  submitJob(input: JobsOf & { readonly id: string }): Promise<void>
  /** Looks how far jobs are, and reads those that have ended. */
  followJobs(
    input: Omit<JobsOf, 'generation'> & { readonly ids: readonly string[] },
  ): Promise<JobsProgress>
  /** Ends jobs that nobody waits for any more. */
  leaveJobs(input: Omit<JobsOf, 'generation'> & { readonly ids: readonly string[] }): Promise<void>
  /** Writes what holds for an execution from here on. */
  writeControl(input: { readonly ref: RunRef; readonly control: Control }): Promise<void>
  /** Writes one part of a dataset. */
  publishPart(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly leaf: number
    readonly part: number
  }): Promise<DatasetPart>
  /** Writes what of a dataset is not written yet, and makes all of it visible at once. */
  publishDataset(input: {
    readonly ref: RunRef
    readonly reach: Reach
    readonly figures: Figures
    /** Milliseconds since 1970. */
    readonly startedAt: number
    /** For each leaf, the parts that are written already. */
    readonly parts: readonly (readonly DatasetPart[])[]
  }): Promise<{
    readonly dataset: PublishedDataset
    readonly seconds: number
    /** The same, with what waves of rows paid that the last one leaves out. */
    readonly figures: Figures
  }>
}
