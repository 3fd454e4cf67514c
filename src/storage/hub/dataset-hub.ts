import type { DatasetHub } from '../../core/dataset-hub.ts'
import type { Environment } from '../../core/environment.ts'
import type { Hub } from './open-hub.ts'
import type { SplitLimits } from './write-split.ts'

const defaultLimits: SplitLimits = { rows: 1_000_000, bytes: 500_000_000 }

/**
 * Publishes datasets on the Hugging Face Hub, with the token in `HF_TOKEN`; its library is loaded by the first push.
 *
 * A split is written to Parquet files of at most 1,000,000 rows or about 500 MB of rows as JSON, in the temporary
 * folder, which has to hold them all.
 */
export function createDatasetHub(
  environment: Environment,
  limits: SplitLimits = defaultLimits,
): DatasetHub {
  let hub: Promise<Hub> | undefined
  return {
    async push(push) {
      const [{ openHub }, { pushDataset }] = await Promise.all([
        import('./open-hub.ts'),
        import('./push-dataset.ts'),
      ])
      return await pushDataset(await (hub ??= openHub(environment)), push, limits)
    },
  }
}
