import { findDataset } from '../client/find-dataset.ts'
import type { DatasetManifest } from '../storage/dataset/dataset-manifest.ts'
import { chooseLeaf } from '../storage/dataset/open-dataset.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { toCount } from './progress-text.ts'
import { exitCodes } from './report-error.ts'
import { rowText } from './row-text.ts'
import { writeJson, writeOut } from './stdout.ts'
import { dim } from './terminal.ts'

/** Options of `retort rows`. */
export interface RowsOptions {
  readonly limit: number
  readonly offset: number
  readonly leaf?: string
  readonly rejected?: true
  readonly json?: true
  readonly store?: string
}

/** Prints rows of a dataset. */
export async function rowsCommand(run: string | undefined, options: RowsOptions): Promise<number> {
  const { limit, offset, leaf, json } = options
  const dataset = await findDataset(await openStoreToRead(options.store), run)
  const { manifest } = dataset
  const isRejected = options.rejected === true
  const leaves = isRejected ? ['rejected'] : leafNames(manifest, leaf, json === true)
  for (const name of leaves) {
    const rows = isRejected
      ? dataset.rejectedRows({ limit, offset })
      : dataset.rows({ leaf: name, limit, offset })
    let position = offset
    for await (const row of rows) {
      const heading = leaves.length > 1 ? `${name}: row ${position}` : `row ${position}`
      await (json === true ? writeJson(row) : writeOut(rowText(row, heading)))
      position++
    }
    if (json !== true) tellRange(manifest, name, isRejected, offset, position)
  }
  return exitCodes.completed
}

/** People get every leaf, one after the other; a program that gets rows of one kind has to say which. */
function leafNames(
  manifest: DatasetManifest,
  leaf: string | undefined,
  isForProgram: boolean,
): readonly string[] {
  if (leaf !== undefined || isForProgram) return [chooseLeaf(manifest, leaf).name]
  return manifest.leaves.map(({ name }) => name)
}

function tellRange(
  { name, version, leaves, rejected, simulated }: DatasetManifest,
  leaf: string,
  isRejected: boolean,
  from: number,
  to: number,
): void {
  const all = isRejected ? rejected.rows : (leaves.find((one) => one.name === leaf)?.rows ?? 0)
  const what = isRejected ? 'rejected rows' : leaves.length > 1 ? `rows of '${leaf}'` : 'rows'
  const shown =
    to > from
      ? `${what} ${toCount(from)} to ${toCount(to - 1)} of ${toCount(all)}`
      : `no ${what} there, of ${toCount(all)}`
  const note = simulated ? ' (simulated answers: no model was asked)' : ''
  process.stderr.write(`${dim(`${name}/${version}: ${shown}${note}`)}\n`)
}
