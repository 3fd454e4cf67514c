import type { ColumnSchemas } from './step.ts'
import type { PipelineSpec, RowTarget } from './spec.ts'
import type { BranchColumns } from './step.ts'
import type { Price } from './price.ts'
import type { PlannedRoute } from './route.ts'
import type { PlannedStage, StepPlace } from './stages.ts'
import type { PlannedMode } from './task-mode.ts'

/** Source rows of a shard. */
export const shardSize = 5_000

/** One step of a {@link Plan}. */
export interface PlannedStep extends StepPlace {
  readonly name: string
  readonly type: string
  readonly kind: 'generator' | 'map' | 'global' | 'join'
  readonly signature: string
  readonly batchSize: number
  /** Indexes of the steps that it reads, each smaller than its own. */
  readonly after: readonly number[]
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly keeps: readonly string[] | null
  readonly branches: readonly BranchColumns[] | null
  /** How its rows are divided among the steps after it. */
  readonly route: PlannedRoute | null
  /** The columns behind the step, in order. */
  readonly columns: ColumnSchemas
  readonly model: PlannedModel | null
  /** How many of the raises of its retry numbers hold for the run: those stored when it was planned. */
  readonly retries: number
  readonly papers: readonly string[]
  readonly taskQueue: string | null
}

/** The model that a step asks. */
export interface PlannedModel {
  readonly type: string
  readonly model: string
  readonly isSimulated: boolean
  /** How it is asked; `online` where it is left out. */
  readonly mode?: PlannedMode
  /** Whether the environment chose it, and not the pipeline. */
  readonly isFromEnvironment: boolean
  readonly limitGroup: string
  /** The told ceiling of calls in flight. */
  readonly maxConcurrency: number | null
  /** Most tokens of an answer. */
  readonly maxNewTokens: number
  /** `null` where it is not known. */
  readonly price: Price | null
}

/** The rows that a generator begins with, as they are staged; of one that asks a model those that it asks about. */
export interface PlannedSource {
  /** Index of the generator. */
  readonly step: number
  /** Where they are staged. */
  readonly key: string
  readonly rows: number
  /**
   * What tells its rows apart from others whatever their number, where the pipeline makes rows until enough pass: of two
   * sources with the same, one begins with the rows of the other.
   */
  readonly content?: string
}

/** Everything about a run that is settled before its first batch; stored as `runs/<run>/plan.json`. */
export interface Plan {
  readonly version: 2
  readonly run: string
  readonly storeId: string
  readonly seed: number
  /** Moved when everything is to be asked anew. */
  readonly epoch: number
  /** Folder that relative paths in rows mean; left out in plans of earlier releases. */
  readonly workingFolder?: string
  /** The spec with every parameter and model as they are used. */
  readonly spec: PipelineSpec
  readonly sources: readonly PlannedSource[]
  readonly shardSize: number
  /** In an order in which each step comes after those that it reads. */
  readonly steps: readonly PlannedStep[]
  readonly stages: readonly PlannedStage[]
  /** Indexes of the steps whose rows are a part of the dataset. */
  readonly leaves: readonly number[]
  /** How many rows the dataset is to have; `null`: as many as there are. */
  readonly target: RowTarget | null
  /** How many rows may come of one source row, where there is a target; 1 where it is left out. */
  readonly growth?: number
  /** Whether its dataset never becomes the latest. */
  readonly isPreview?: true
  /** Milliseconds since 1970. */
  readonly plannedAt: number
}

/** How many rows the longest source has. */
export function sourceRows({ sources }: Pick<Plan, 'sources'>): number {
  return Math.max(0, ...sources.map(({ rows }) => rows))
}

/** The columns of the generators whose rows were read, by their names. */
export function plannedSourceColumns({ sources, steps }: Plan): Record<string, ColumnSchemas> {
  return Object.fromEntries(
    sources.flatMap(({ step }) => {
      const planned = steps[step]
      return planned === undefined || planned.model !== null
        ? []
        : [[planned.name, planned.columns]]
    }),
  )
}

/** Where a plan is stored. */
export function planKey(run: string): string {
  return `runs/${run}/plan.json`
}
