import { describePipeline } from '../local/describe/describe-pipeline.ts'
import { infoText } from './info-text.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { exitCodes } from './report-error.ts'
import { writeJson, writeOut } from './stdout.ts'

/** Options of `retort info`. */
export interface InfoOptions {
  readonly set: readonly string[]
  readonly params: readonly string[]
  readonly maxRows?: number
  readonly json?: true
}

/** Tells of a pipeline what can be told without running it. */
export async function infoCommand(file: string, options: InfoOptions): Promise<number> {
  const pipeline = await loadPipelineFile(file, { ...options, mayLack: true })
  const info = await describePipeline(pipeline, { maxRows: options.maxRows })
  if (options.json === true) await writeJson(info)
  else await writeOut(infoText(info))
  return exitCodes.completed
}
