import { isRetortError, RetortError } from '../../core/errors.ts'
import { createBoundedTasks } from '../sources/bounded-tasks.ts'
import type { ObjectInfo, Store } from '../store.ts'
import { filesFolder, objectName, segmentsFolder } from './journal-keys.ts'
import { type JournalFooter, readFooter } from './journal-object.ts'

const footersReadAtOnce = 32
const listingsBorne = 10

/** An object of a journal with what it says of itself. */
export interface DescribedObject {
  readonly info: ObjectInfo
  readonly footer: JournalFooter
}

/** What of a journal is stored. */
export interface JournalListing {
  /** Files that can be read. */
  readonly files: readonly DescribedObject[]
  /** Segments that no file holds. */
  readonly loose: readonly ObjectInfo[]
  /** Segments that files hold, too. */
  readonly filed: readonly ObjectInfo[]
}

/** Lists a pipeline's journal and reads the footers of its files. */
export async function listJournal(store: Store, pipeline: string): Promise<JournalListing> {
  for (let left = listingsBorne; left > 0; left -= 1) {
    // Segments first: what is merged and removed in between stands in a file by then.
    const segments = await Array.fromAsync(store.list(segmentsFolder(pipeline)))
    const files = await describe(store, await Array.fromAsync(store.list(filesFolder(pipeline))))
    if (files === undefined) continue
    const names = new Set(files.flatMap(({ footer }) => footer.segments.map(({ name }) => name)))
    return {
      files,
      loose: segments.filter(({ key }) => !names.has(objectName(key))),
      filed: segments.filter(({ key }) => names.has(objectName(key))),
    }
  }
  throw new RetortError(
    'store-unavailable',
    `Store '${store.uri}' lists files of the journal that it does not have.`,
  )
}

/** Reads footers and passes over objects that are damaged; `undefined` where one is gone. */
export async function describe(
  store: Store,
  objects: readonly ObjectInfo[],
): Promise<readonly DescribedObject[] | undefined> {
  const described: DescribedObject[] = []
  let isComplete = true
  const tasks = createBoundedTasks(footersReadAtOnce)
  for (const info of objects)
    await tasks.start(async () => {
      try {
        const footer = await readFooter(store, info)
        if (footer === undefined) isComplete = false
        else described.push({ info, footer })
      } catch (error) {
        if (!isRetortError(error) || error.code !== 'store-corrupt') throw error
      }
    })
  await tasks.drain()
  return isComplete ? described.sort((a, b) => (a.info.key < b.info.key ? -1 : 1)) : undefined
}

/** The files all of whose segments stand in files that hold more. */
export function supersededFiles(files: readonly DescribedObject[]): DescribedObject[] {
  const most = new Map<string, number>()
  for (const { footer } of files)
    for (const { name } of footer.segments)
      most.set(name, Math.max(most.get(name) ?? 0, footer.segments.length))
  return files.filter(({ footer }) =>
    footer.segments.every(({ name }) => (most.get(name) ?? 0) > footer.segments.length),
  )
}
