import { dirname } from 'node:path'

import type { Progress } from '../core/run-report.ts'
import type { RunResult } from '../core/run-report.ts'
import type { Row } from '../core/columns.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { Dataset } from '../storage/dataset/open-dataset.ts'
import { callerFile } from './pipelines/caller-file.ts'
import type { RunOptions } from './run-options.ts'

/** What a run that completed came to. */
export interface CompletedRun<Columns extends Row = Row> extends Omit<RunResult, 'dataset'> {
  readonly dataset: Dataset<Columns>
}

/** A run that this process does, or that it found going. */
export interface Run<Columns extends Row = Row> {
  readonly runId: string
  /** The run in the Temporal UI, where that is known. */
  readonly url: string | undefined
  /**
   * Waits for the dataset. Its rows can be read as long as the store is there.
   *
   * @throws RetortError with what stopped the run, where it did not complete
   */
  result(): Promise<CompletedRun<Columns>>
  /** How far it is; `undefined` while nobody can tell. */
  progress(): Promise<Progress | undefined>
  /** Starts no further call, lets those in flight finish, and leaves a run that its id resumes. */
  interrupt(): Promise<void>
}

/**
 * Runs a pipeline, with a worker in this process, as `retort run` does.
 *
 * Where the pipeline has steps or tasks of its own, the calling file counts as their code: a run id goes on only with
 * the same code.
 *
 * @throws RetortError where the pipeline is wrong, or a server or store cannot be had
 */
export async function startRun<Columns extends Row>(
  pipeline: Pipeline<Columns>,
  options: RunOptions = {},
): Promise<Run<Columns>> {
  // Nobody knows any more behind an await.
  const caller = callerFile()
  const [{ registerCode }, { runHere }] = await Promise.all([
    import('./pipelines/register-code.ts'),
    import('./run-here.ts'),
  ])
  const { spec, definitions } = pipeline
  const files = caller === undefined ? [] : [caller]
  const code = await registerCode(definitions, files, caller === undefined ? '.' : dirname(caller))
  const session = await runHere({ spec, ...code }, options)
  const { runId, url } = session
  const finished = session.result.then(async (result) => {
    await session.close()
    return result
  })
  // Whoever wants to know asks for it.
  finished.catch(() => {})
  return {
    runId,
    url,
    progress: () => session.progress(),
    interrupt: () => session.interrupt(),
    async result() {
      const result = await finished
      const { toError } = await import('../client/run-result.ts')
      if (result.dataset === null) throw toError(result)
      const { openStore } = await import('../storage/open-store.ts')
      const { openDataset } = await import('../storage/dataset/open-dataset.ts')
      const { name, version } = result.dataset
      const store = await openStore(session.place.store.uri)
      return { ...result, dataset: await openDataset<Columns>(store, name, version) }
    },
  }
}
