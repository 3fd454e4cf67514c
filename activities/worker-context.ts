import type { DatasetHub } from '../src/core/dataset-hub.ts'
import type { Environment } from '../src/core/environment.ts'
import type { Registry } from '../src/core/registry.ts'
import type { SourceFiles } from '../src/core/source-files.ts'
import type { Store } from '../src/storage/store.ts'

/** What a worker process has: its store, its code and its keys. */
export interface WorkerContext {
  readonly store: Store
  readonly storeId: string
  readonly registry: Registry
  /** Hash of the custom code that this worker has loaded; `null` where there is none. */
  readonly code: string | null
  readonly environment: Environment
  /** Where datasets are published. */
  readonly hub: DatasetHub
  /** Opens files; relative paths mean the given folder. */
  sourceFiles(workingFolder: string): SourceFiles
}
