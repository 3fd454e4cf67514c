import { findDataset } from '../client/find-dataset.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { checkOutputFile, writeOutput } from './output-files.ts'
import { toCount } from './progress-text.ts'
import { exitCodes } from './report-error.ts'

/** Options of `retort export`. */
export interface ExportOptions {
  readonly format?: string
  readonly output?: string
  readonly leaf?: string
  readonly store?: string
}

/** Writes a dataset to a file. */
export async function exportCommand(
  run: string | undefined,
  options: ExportOptions,
): Promise<number> {
  const { format, leaf } = options
  const asked =
    options.output === undefined ? undefined : await checkOutputFile(options.output, format)
  const dataset = await findDataset(await openStoreToRead(options.store), run)
  const output = asked ?? (await checkOutputFile(`${dataset.manifest.name}.${format ?? 'jsonl'}`))
  for (const { path, rows } of await writeOutput(dataset, output, leaf))
    process.stderr.write(`Wrote ${toCount(rows)} rows to ${path}.\n`)
  return exitCodes.completed
}
