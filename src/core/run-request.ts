import { canonicalJson } from './json.ts'
import { hashText } from './hash.ts'
import type { RunSettings } from './run-settings.ts'
import type { PipelineSpec } from './spec.ts'

/** What a run was asked to do; stored before its workflow starts, under a key that carries its hash. */
export interface RunRequest {
  readonly version: 1
  readonly spec: PipelineSpec
  /** Most source rows that the run takes, from the start; `null` for all. */
  readonly maxRows: number | null
  /** The folder that relative paths of sources mean. */
  readonly workingFolder: string
  /** What the command asked for; of what it leaves out, an earlier command's holds. */
  readonly settings?: RunSettings
  /** Whether everything is asked anew, unless the run has a plan; later runs use the answers. */
  readonly isFresh?: true
  /** Whether nobody waits for it, so that steps may wait for batch jobs where they are told `auto`. */
  readonly isUnattended?: true
  /** Whether it only shows what the pipeline does, so that its dataset never becomes the latest. */
  readonly isPreview?: true
  /** A run whose source rows and answers this one takes, however files and pipeline's epoch changed since. */
  readonly continues?: string
}

/** Where a request is stored. */
export function requestKey(run: string, request: RunRequest): string {
  return `runs/${run}/specs/${hashText(canonicalJson(request)).slice(0, 16)}.json`
}
