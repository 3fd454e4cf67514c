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
}

/** Where a request is stored. */
export function requestKey(run: string, request: RunRequest): string {
  return `runs/${run}/specs/${hashText(canonicalJson(request)).slice(0, 16)}.json`
}
