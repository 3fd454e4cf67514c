import type { Store } from '../store.ts'
import { datasetPrefix, manifestKey } from './dataset-keys.ts'

/** Removes a version of a dataset: first what makes it visible, then its parts. */
export async function removeDataset(store: Store, name: string, version: string): Promise<void> {
  await store.delete(manifestKey(name, version))
  for await (const { key } of store.list(`${datasetPrefix(name, version)}/`))
    await store.delete(key)
}
