import { loadPipeline } from '../local/pipelines/load-pipeline.ts'
import type { LoadedPipeline, LoadOptions } from '../local/pipelines/load-pipeline.ts'
import { readDotEnv } from '../local/pipelines/read-dot-env.ts'

/**
 * Loads a pipeline file, with what `--params` and then `--set` change of it.
 *
 * What the `.env` beside it says holds for this process from here on, unless the environment says otherwise.
 */
export async function loadPipelineFile(
  file: string,
  options: LoadOptions = {},
): Promise<LoadedPipeline> {
  await useDotEnv(file)
  return await loadPipeline(file, options)
}

/** Lets what the `.env` beside a file says hold for this process, unless the environment says otherwise. */
export async function useDotEnv(file: string): Promise<void> {
  const environment = await readDotEnv(file)
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value
}
