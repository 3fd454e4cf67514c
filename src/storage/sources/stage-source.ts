import type { Store } from '../store.ts'
import { readSourceManifest } from './source-manifest.ts'
import { stageRows } from './stage-rows.ts'
import type { StageRequest } from './stage-rows.ts'
import { toStagedSource } from './staged-source.ts'
import type { StagedSource } from './staged-source.ts'

/**
 * Stages a source: puts its rows into the store once, so that later reads never touch where they came from.
 *
 * A source that is staged already is not read again. Memory does not grow with the rows past `maxRowsInMemory`. What a
 * failed attempt leaves behind never mixes with a later one.
 *
 * @throws RetortError `step-threw` for a row that is no JSON object, and whatever reading the rows throws
 */
export async function stageSource(store: Store, request: StageRequest): Promise<StagedSource> {
  const staged = await readSourceManifest(store, request.key)
  return toStagedSource(store, staged ?? (await stageRows(store, request)))
}
