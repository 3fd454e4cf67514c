import type { PublishedDataset } from '../../core/run-report.ts'
import { datasetPrefix } from './dataset-keys.ts'
import { rowsOf } from './dataset-manifest.ts'
import type { DatasetManifest } from './dataset-manifest.ts'

/** What a run reports of the version of a dataset that it left. */
export function toPublishedDataset(storeUri: string, manifest: DatasetManifest): PublishedDataset {
  const { name, version, leaves, rejected, sourceRows } = manifest
  return {
    name,
    version,
    uri: `${storeUri.replace(/\/$/, '')}/${datasetPrefix(name, version)}`,
    rows: rowsOf(manifest),
    rejected: rejected.rows,
    leaves: Object.fromEntries(leaves.map((leaf) => [leaf.name, leaf.rows])),
    ...(sourceRows === undefined ? {} : { sourceRows }),
  }
}
