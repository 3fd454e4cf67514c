import { isRetortError, RetortError } from '../../core/errors.ts'
import { createBoundedTasks } from '../sources/bounded-tasks.ts'
import type { ObjectInfo, Store } from '../store.ts'
import type { JournalIndex } from './journal-index.ts'
import { filesFolder, objectName, segmentsFolder } from './journal-keys.ts'
import { readEnd } from './journal-object.ts'
import type { JournalStats } from './journal.ts'

const segmentsReadAtOnce = 32
/** Their indexes stand in memory meanwhile. */
const filesReadAtOnce = 2
const listingsBorne = 10

/** Brings an index up to what the store holds. */
export class IndexLoader {
  readonly #store: Store
  readonly #pipeline: string
  /** Keys of objects that cannot be read whole, with why. */
  readonly #damaged = new Map<string, string>()
  /** Files that an index has learnt of, or need not, since it has their segments. */
  readonly #known = new WeakMap<JournalIndex, Set<string>>()

  constructor(store: Store, pipeline: string) {
    this.#store = store
    this.#pipeline = pipeline
  }

  damaged(): JournalStats['damaged'] {
    return [...this.#damaged].map(([key, reason]) => ({ key, reason }))
  }

  noteDamage(key: string, reason: string): void {
    if (!this.#damaged.has(key)) this.#damaged.set(key, reason)
  }

  /** Adds what the index does not have. One call at a time for an index. */
  async load(index: JournalIndex): Promise<void> {
    for (let left = listingsBorne; left > 0; left -= 1) if (await this.#loadListed(index)) return
    throw new RetortError(
      'store-unavailable',
      `Store '${this.#store.uri}' lists objects of the journal that it does not have.`,
    )
  }

  /** Returns whether everything that was listed was still there. */
  async #loadListed(index: JournalIndex): Promise<boolean> {
    // Segments first: what is merged and removed in between stands in a file by then.
    const segments = await Array.fromAsync(this.#store.list(segmentsFolder(this.#pipeline)))
    const files = await Array.fromAsync(this.#store.list(filesFolder(this.#pipeline)))
    const known = this.#known.get(index) ?? new Set<string>()
    this.#known.set(index, known)
    // Large ones first: they may make small ones needless.
    const newFiles = files.filter(({ key }) => !known.has(key)).sort((a, b) => b.size - a.size)
    const hasFiles = await this.#loadAll(newFiles, filesReadAtOnce, known, async (info) => {
      const end = await readEnd(this.#store, info)
      if (end === undefined) return false
      const names = end.footer.segments.map(({ name }) => name)
      if (!index.holdsInFiles(names)) await index.addFile(info.key, end)
      known.add(info.key)
      return true
    })
    const newSegments = segments.filter(
      ({ key }) => !known.has(key) && !index.holds(objectName(key)),
    )
    const hasSegments = await this.#loadAll(
      newSegments,
      segmentsReadAtOnce,
      known,
      async (info) => {
        const end = await readEnd(this.#store, info)
        if (end === undefined) return false
        // It may be this process's own, and stored since the listing.
        if (!index.holds(objectName(info.key))) index.addSegment(info.key, end)
        return true
      },
    )
    return hasFiles && hasSegments
  }

  async #loadAll(
    objects: readonly ObjectInfo[],
    atOnce: number,
    known: Set<string>,
    load: (info: ObjectInfo) => Promise<boolean>,
  ): Promise<boolean> {
    let isComplete = true
    const tasks = createBoundedTasks(atOnce)
    for (const info of objects)
      await tasks.start(async () => {
        try {
          if (!(await load(info))) isComplete = false
        } catch (error) {
          if (!isRetortError(error) || error.code !== 'store-corrupt') throw error
          known.add(info.key)
          this.noteDamage(info.key, error.message)
        }
      })
    await tasks.drain()
    return isComplete
  }
}
