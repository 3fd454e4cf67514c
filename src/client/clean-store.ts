import { workflowNames } from '../core/run-names.ts'
import { listDatasets } from '../storage/dataset/read-manifest.ts'
import { removableJournalObjects } from '../storage/journal/removable-journal-objects.ts'
import { createBoundedTasks } from '../storage/sources/bounded-tasks.ts'
import type { ObjectInfo, Store } from '../storage/store.ts'
import { hasLiveWorker } from './live-workers.ts'
import type { RunPlace } from './start-workflow.ts'
import { readStoredPlans, type StoredPlan } from './stored-plans.ts'

const removalsAtOnce = 16
/** What makes the rows of a source, or of a global step, complete. */
const rowsManifest = /^(?:sources\/[^/]+|pipelines\/[^/]+\/sets\/[^/]+\/[^/]+)\/manifest\.json$/

/** Why objects of each kind can go. */
export const removalReasons = {
  journal: 'their answers stand in larger files, too',
  jobs: 'those batch jobs have been read, or were never formed',
  chunks: 'no unfinished run and no newest run of a pipeline has their steps',
  sources: 'no run reads them',
  datasets: 'they are parts of versions that were never committed, of runs that do not run',
  workers: 'those workers have been silent for a day',
} as const

/** What kind of objects can go. */
export type RemovalKind = keyof typeof removalReasons

/** An object that can go. */
export interface Removal {
  readonly kind: RemovalKind
  readonly key: string
  readonly bytes: number
}

/** What is spared. */
export interface CleaningOptions {
  /** Milliseconds; what is younger stays. A day by default. */
  readonly olderThan?: number
  /** Milliseconds since the epoch; by this machine's clock by default. */
  readonly now?: number
}

/**
 * Finds what of a store no run and no dataset needs.
 *
 * Spares answers that models gave, requests and plans of runs, whatever running runs use and what is younger than a day.
 *
 * @throws RetortError `store-corrupt` where a plan cannot be understood
 */
export async function planCleaning(
  { client, store, storeId }: RunPlace,
  { olderThan = 86_400_000, now = Date.now() }: CleaningOptions = {},
): Promise<readonly Removal[]> {
  const isOld = ({ modified }: ObjectInfo) => now - modified.getTime() > olderThan
  const removals: Removal[] = []
  const remove = (kind: RemovalKind, objects: readonly ObjectInfo[]) =>
    removals.push(...objects.map(({ key, size }) => ({ kind, key, bytes: size })))

  const committed = new Set<string>()
  for (const { name, version } of await listDatasets(store)) committed.add(`${name}/${version}`)
  const running = await listRunning({ client, store, storeId })
  const objects = await listPipelines(store, isOld)
  const sources = await listGroups(store, 'sources/', 1)
  // Plans are read last, so that a run that was planned meanwhile keeps what it found.
  const plans = await readStoredPlans(store)
  const isUnfinished = ({ run, pipeline }: StoredPlan) =>
    running.has(run) || !committed.has(`${pipeline}/${run}`)

  for (const pipeline of objects.pipelines)
    remove('journal', await removableJournalObjects(store, pipeline, olderThan, now))

  remove('jobs', objects.jobs)

  const used = [...plans.filter(isUnfinished), ...newestOfEach(plans)]
  const folders = new Set(
    used.flatMap(({ pipeline, signatures }) => signatures.map((one) => `${pipeline}/${one}`)),
  )
  remove(
    'chunks',
    objects.chunks.filter(({ key }) => {
      const [, pipeline, , signature] = key.split('/')
      return !folders.has(`${pipeline}/${signature}`)
    }),
  )

  // A run that is being planned may have found its source already, and would miss it.
  if (!(await isAnyoneAtWork(store)))
    for (const [source, parts] of sources)
      if (parts.every(isOld) && !plans.some((plan) => plan.sources.includes(source)))
        remove('sources', parts)

  for (const [dataset, parts] of await listGroups(store, 'datasets/', 2)) {
    const [, version = ''] = dataset.split('/')
    if (parts.every(isOld) && !committed.has(dataset) && !running.has(version))
      remove('datasets', parts)
  }

  const signs = await Array.fromAsync(store.list('workers/'))
  remove('workers', signs.filter(isOld))
  return removals
}

/** Removes what was found; told after each object how many are gone. */
export async function cleanStore(
  store: Store,
  removals: readonly Removal[],
  onProgress: (removed: number) => void = () => {},
): Promise<void> {
  // Rows without their manifest are made anew, but a manifest without its rows cannot be read.
  const first = removals.filter(({ key }) => rowsManifest.test(key))
  const rest = removals.filter(({ key }) => !rowsManifest.test(key))
  let removed = 0
  for (const some of [first, rest]) {
    const tasks = createBoundedTasks(removalsAtOnce)
    for (const { key } of some)
      await tasks.start(async () => {
        await store.delete(key)
        removed += 1
        onProgress(removed)
      })
    await tasks.drain()
  }
}

/** Runs of a store that the server has not ended, be they paused or waiting for a worker. */
async function listRunning({ client, storeId }: RunPlace): Promise<ReadonlySet<string>> {
  const query = `WorkflowType = '${workflowNames.run}' AND ExecutionStatus = 'Running'`
  const running = new Set<string>()
  for await (const { workflowId, memo } of client.workflow.list({ query }))
    if (memo?.['storeId'] === storeId) running.add(workflowId)
  return running
}

async function isAnyoneAtWork(store: Store): Promise<boolean> {
  const queues = await listGroups(store, 'workers/', 1)
  for (const queue of queues.keys()) if (await hasLiveWorker(store, queue)) return true
  return false
}

/** Pipelines with their chunks that are old enough to go. */
async function listPipelines(store: Store, isOld: (info: ObjectInfo) => boolean) {
  const pipelines = new Set<string>()
  const chunks: ObjectInfo[] = []
  const jobs: ObjectInfo[] = []
  const sets = new Map<string, ObjectInfo[]>()
  const intents = new Map<string, ObjectInfo[]>()
  for await (const info of store.list('pipelines/')) {
    const [, pipeline = '', folder, signature, set] = info.key.split('/')
    pipelines.add(pipeline)
    if (folder === 'journal' && signature === 'requests' && isOld(info)) jobs.push(info)
    if (folder === 'journal' && signature === 'intents') {
      const id = `${pipeline}/${set}`
      intents.set(id, [...(intents.get(id) ?? []), info])
    }
    if (folder === 'chunks' && isOld(info)) chunks.push(info)
    if (folder !== 'sets') continue
    const id = `${pipeline}/${signature}/${set}`
    sets.set(id, [...(sets.get(id) ?? []), info])
  }
  // The rows that a global step left are read as a whole, and go as one.
  for (const parts of sets.values()) if (parts.every(isOld)) chunks.push(...parts)
  // What a job asks counts as asked until it has been read.
  for (const parts of intents.values())
    if (parts.every(isOld) && parts.some(({ key }) => key.endsWith('/end.json')))
      jobs.push(...parts)
  return { pipelines, chunks, jobs }
}

/** Objects by the first so many segments of their keys behind a prefix. */
async function listGroups(
  store: Store,
  prefix: string,
  depth: number,
): Promise<ReadonlyMap<string, readonly ObjectInfo[]>> {
  const groups = new Map<string, ObjectInfo[]>()
  for await (const info of store.list(prefix)) {
    const segments = info.key.slice(prefix.length).split('/')
    if (segments.length <= depth) continue
    const name = segments.slice(0, depth).join('/')
    const group = groups.get(name) ?? []
    groups.set(name, group)
    group.push(info)
  }
  return groups
}

function newestOfEach(plans: readonly StoredPlan[]): Iterable<StoredPlan> {
  const newest = new Map<string, StoredPlan>()
  for (const plan of plans) {
    const known = newest.get(plan.pipeline)
    if (known === undefined || known.plannedAt < plan.plannedAt) newest.set(plan.pipeline, plan)
  }
  return newest.values()
}
