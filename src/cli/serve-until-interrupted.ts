import type { OpenPlace } from '../local/open-place.ts'
import { serveRuns } from '../local/serve-runs.ts'
import { untilInterrupted } from './interrupts.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { exitCodes } from './report-error.ts'
import type { Terminal } from './terminal.ts'

/** Loads pipelines one after the other, so that the first that is wrong is the one that is named. */
export async function loadPipelineFiles(files: readonly string[]) {
  const pipelines = []
  for (const file of files) pipelines.push(await loadPipelineFile(file, { mayLack: true }))
  return pipelines
}

/** Works on the runs of a place until Ctrl-C or SIGTERM, then lets calls in flight finish. */
export async function serveUntilInterrupted(
  place: OpenPlace,
  pipelines: Awaited<ReturnType<typeof loadPipelineFiles>>,
  terminal: Terminal,
  logLevel: 'info' | 'warn',
): Promise<number> {
  const interrupted = untilInterrupted()
  const service = await serveRuns(place, pipelines, logLevel)
  terminal.note(`Working on the runs of ${place.store.uri}; Ctrl-C ends that.`)
  for (const queue of service.queues) terminal.note(`  task queue ${queue}`)
  await Promise.race([interrupted, service.ended])
  terminal.note('Finishing the calls in flight; Ctrl-C again exits at once.')
  service.stop()
  await service.ended
  await place.close()
  return exitCodes.completed
}
