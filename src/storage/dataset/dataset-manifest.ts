import type { Tokens } from '../../core/run-report.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLMPrices } from '../../core/llm-spec.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { columnTypesOf, describeType } from '../parquet/column-type.ts'
import type { DatasetPart } from '../parquet/write-parquet-part.ts'

/** What a version of a dataset holds and how it was made: its `dataset.json`. */
export interface DatasetManifest {
  /** Of this file's format. */
  readonly format: 1
  readonly name: string
  readonly version: string
  /** ISO 8601, in UTC. */
  readonly createdAt: string
  readonly run: string
  readonly retortVersion: string
  readonly spec: JsonObject
  readonly steps: readonly DatasetStep[]
  readonly models: readonly DatasetModel[]
  /** Whether any answer is made up by a simulated model. */
  readonly simulated: boolean
  readonly leaves: readonly DatasetLeaf[]
  readonly rejected: DatasetRejections
  /** Source rows that it took until enough passed; left out where all of them were taken. */
  readonly sourceRows?: number
  readonly tokens: Tokens
  /** Model requests that returned an answer. */
  readonly calls: number
  /** Answers that were used but not paid by this run. */
  readonly reusedAnswers: number
  /** Uses of answers that the run paid for an equal request of another row. */
  readonly sharedAnswers: number
  /** US dollars that the calls cost; `null` where the price of any of them is not known. */
  readonly costUsd: number | null
  readonly seconds: number
}

/** A step that a dataset was made with. */
export interface DatasetStep {
  readonly name: string
  readonly type: string
  /** Generator, map, join, …; older manifests do not say it. */
  readonly kind?: string
  readonly signature: string
  /** arXiv ids of the papers that it follows. */
  readonly papers?: readonly string[]
}

/** A model that a step asked. */
export interface DatasetModel {
  readonly step: string
  readonly type: string
  readonly model: string
  readonly simulated: boolean
  /** Whether its provider's batch jobs answered, at a lower price; left out where it was asked call by call. */
  readonly mode?: 'batch'
  /** What its tokens cost, asked call by call; `null` where that is not known. */
  readonly prices?: LLMPrices | null
}

/** The rows that one leaf step of the pipeline left. */
export interface DatasetLeaf {
  readonly name: string
  readonly columns: ColumnSchemas
  /** Column name to SQL type; where it says `JSON`, the part holds text with JSON in it. */
  readonly types: Readonly<Record<string, string>>
  readonly rows: number
  /** In the order of their rows. */
  readonly parts: readonly DatasetPart[]
}

/** The rows that steps could not make. */
export interface DatasetRejections {
  readonly rows: number
  readonly parts: readonly DatasetPart[]
  readonly byCode: Readonly<Record<string, number>>
  /** Whether the parts tell the identities of the rows; those of earlier releases do not. */
  readonly hasIdentities?: boolean
}

/** Describes a leaf by its columns and parts, which stand in the order of their rows. */
export function describeLeaf(
  name: string,
  columns: ColumnSchemas,
  parts: readonly DatasetPart[],
): DatasetLeaf {
  return {
    name,
    columns,
    types: Object.fromEntries(
      columnTypesOf(columns).map(([column, type]) => [column, describeType(type)]),
    ),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    parts,
  }
}

/** Names of the models whose price is not known, each once. */
export function unpricedModels({ models }: Pick<DatasetManifest, 'models'>): string[] {
  return [...new Set(models.filter(({ prices }) => prices === null).map(({ model }) => model))]
}

/** Rows of all leaves together. */
export function rowsOf(manifest: DatasetManifest): number {
  return manifest.leaves.reduce((sum, leaf) => sum + leaf.rows, 0)
}
