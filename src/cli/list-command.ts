import { listRuns } from '../client/list-runs.ts'
import { openPlace } from '../local/open-place.ts'
import { rowsOf } from '../storage/dataset/dataset-manifest.ts'
import { listDatasets, readManifest } from '../storage/dataset/read-manifest.ts'
import type { Store } from '../storage/store.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { toCount } from './progress-text.ts'
import { exitCodes } from './report-error.ts'
import { writeJson, writeOut } from './stdout.ts'
import { table } from './table.ts'
import { openTerminal } from './terminal.ts'

/** Options of `retort list`. */
export interface ListOptions {
  readonly limit: number
  readonly store?: string
  readonly json?: true
}

/** Lists runs and datasets. */
export async function listCommand({ limit, store, json }: ListOptions): Promise<number> {
  // Where nothing was ever run there is nothing to list, and nothing to make.
  await openStoreToRead(store)
  const terminal = openTerminal({ isQuiet: json === true })
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  const runs = await listRuns(place, limit)
  const datasets = await describeDatasets(place.store, limit)
  await place.close()
  if (json === true) {
    await writeJson({ runs, datasets })
    return exitCodes.completed
  }
  const runRows = runs.map(({ runId, status, isServed, pipeline, startedAt }) => [
    runId,
    isServed === false && status === 'running' ? 'waiting' : status,
    pipeline,
    toTime(startedAt),
  ])
  await writeOut(table(['RUN', 'STATUS', 'PIPELINE', 'STARTED'], runRows))
  const datasetRows = datasets.map(({ name, version, rows, rejected, committedAt }) => [
    `${name}/${version}`,
    toCount(rows),
    toCount(rejected),
    toTime(committedAt),
  ])
  await writeOut(`\n${table(['DATASET', 'ROWS', 'REJECTED', 'MADE'], datasetRows)}`)
  return exitCodes.completed
}

async function describeDatasets(store: Store, limit: number) {
  const newest = (await listDatasets(store)).slice(0, limit)
  return await Promise.all(
    newest.map(async ({ name, version, committedAt }) => {
      const manifest = await readManifest(store, name, version)
      return {
        name,
        version,
        rows: rowsOf(manifest),
        rejected: manifest.rejected.rows,
        committedAt,
      }
    }),
  )
}

/** In local time, as sorting by eye wants it. */
function toTime(date: Date): string {
  return date.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
}
