import { loadPipeline } from '../local/pipelines/load-pipeline.ts'
import type { LoadedPipeline } from '../local/pipelines/load-pipeline.ts'
import { readDotEnv } from '../local/pipelines/read-dot-env.ts'

/** Loads a pipeline file; what the `.env` beside it says holds from here on, unless the environment says otherwise. */
export async function loadPipelineFile(
  file: string,
  set: readonly string[] = [],
): Promise<LoadedPipeline> {
  readDotEnv(file)
  return await loadPipeline(file, { set })
}
