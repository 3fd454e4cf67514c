import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { JsonObject } from '../../../src/core/json.ts'
import type { PipelineSpec } from '../../../src/core/spec.ts'

/** What loading a file gave: a pipeline, or an error. */
export interface Outcome {
  readonly spec?: PipelineSpec
  readonly code?: string | null
  readonly file?: string
  /** The code part of each step type that is not built in. */
  readonly steps?: Readonly<Record<string, string>>
  /** The types of models that are not built in. */
  readonly models?: readonly string[]
  readonly error?: { readonly code: string; readonly message: string; readonly data: JsonObject }
}

const program = fileURLToPath(new URL('print-loaded.ts', import.meta.url))

/** Loads pipeline files as commands do: by Node itself, which the runner of the tests is not. */
export async function loadInNode(
  folder: string,
  files: readonly string[],
  set: readonly string[] = [],
): Promise<Outcome[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, JSON.stringify({ files, set })],
    { cwd: folder },
  )
  const outcomes: Outcome[] = JSON.parse(stdout)
  return outcomes
}
