import { randomBytes } from 'node:crypto'

import { isRetortError } from '../core/errors.ts'
import { planKey } from '../core/plan.ts'
import { nextVersionId } from '../core/run-names.ts'
import { manifestKey } from '../storage/dataset/dataset-keys.ts'
import type { DatasetManifest } from '../storage/dataset/dataset-manifest.ts'
import { parseManifest } from '../storage/dataset/read-manifest.ts'
import type { Store } from '../storage/store.ts'
import type { RunOptions } from './run-options.ts'

/** Under which id a run goes on, and what is there already. */
export interface SettledRunId {
  readonly runId: string
  /** The dataset of a run that has completed with what is asked for. */
  readonly stored: DatasetManifest | undefined
}

/** An id for a run that was given none: the pipeline, the time in UTC and some digits. */
export function newRunId(pipeline: string): string {
  const time = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .replace('T', '-')
  return `${pipeline.slice(0, 170)}-${time}-${randomBytes(2).toString('hex')}`
}

/**
 * The id that a run goes on under: the one asked for, or a new version's where that one has completed otherwise and
 * changes are accepted.
 *
 * @param recheck - throws `run-changed` where a run that has completed was asked for something else
 * @throws RetortError `run-changed` where changes are not accepted
 */
export async function settleRunId(
  store: Store,
  pipeline: string,
  options: Pick<RunOptions, 'runId' | 'acceptChanges' | 'fresh' | 'onNotice'>,
  recheck: (run: string) => Promise<void>,
): Promise<SettledRunId> {
  if (options.runId === undefined) return { runId: newRunId(pipeline), stored: undefined }
  const { onNotice, acceptChanges, fresh } = options
  let { runId } = options
  let stored: DatasetManifest | undefined
  for (;;) {
    const key = manifestKey(pipeline, runId)
    const bytes = await store.get(key)
    if (bytes === undefined) break
    try {
      await recheck(runId)
      stored = parseManifest(bytes, key)
      break
    } catch (error) {
      if (acceptChanges !== true || !isRetortError(error) || error.code !== 'run-changed')
        throw error
      runId = nextVersionId(runId)
    }
  }
  if (runId !== options.runId)
    onNotice?.(`Run '${options.runId}' has completed otherwise; this goes on as '${runId}'.`)
  if (fresh === true && (await store.head(planKey(runId))) !== undefined)
    onNotice?.(
      `Run '${runId}' was planned before and goes on as it is; --fresh is for a new run id.`,
    )
  return { runId, stored }
}
