import { randomBytes } from 'node:crypto'

import { type Clock, systemClock } from '../../core/clock.ts'
import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { BlockReader } from './block-reader.ts'
import { IndexLoader } from './index-loader.ts'
import { parseLine } from './journal-entry-line.ts'
import { type AnswerLocation, type IndexedObject, JournalIndex } from './journal-index.ts'
import { createSegmentNames, objectName } from './journal-keys.ts'
import type { Journal, JournalEntry, JournalStats } from './journal.ts'
import { SegmentWriter } from './segment-writer.ts'

const keptBlockBytes = 4 * 1024 * 1024
/** Each further lookup follows from an object that went or a block that cannot be read. */
const lookupsBorne = 20

/** Settings of a journal that only tests and measurements need. */
export interface JournalOptions {
  /** What the names of this process's segments carry, of `[A-Za-z0-9]+`; random by default. */
  readonly writer?: string
  readonly clock?: Clock
  /** Most bytes of blocks that are kept in memory; 4 MB by default. */
  readonly keptBlockBytes?: number
}

/** Opens the journal of a pipeline and learns what it holds. */
export async function openJournal(
  store: Store,
  pipeline: string,
  options: JournalOptions = {},
): Promise<Journal> {
  const journal = new StoredJournal(store, pipeline, options)
  await journal.refresh()
  return journal
}

class StoredJournal implements Journal {
  readonly #store: Store
  readonly #reader: BlockReader
  readonly #writer: SegmentWriter
  readonly #loader: IndexLoader
  #index = new JournalIndex()
  /** The one that is to take its place once it is whole. */
  #newIndex: JournalIndex | undefined
  #isOutdated = false
  #refreshing: Promise<void> | undefined
  #nextRefresh: Promise<void> | undefined

  constructor(store: Store, pipeline: string, options: JournalOptions) {
    const { clock = systemClock, writer = randomBytes(6).toString('hex') } = options
    this.#store = store
    this.#reader = new BlockReader(store, options.keptBlockBytes ?? keptBlockBytes)
    this.#loader = new IndexLoader(store, pipeline)
    this.#writer = new SegmentWriter({
      store,
      pipeline,
      clock,
      nextName: createSegmentNames(writer, () => clock.now()),
      onStored: (key, segment) => {
        for (const index of [this.#index, this.#newIndex])
          if (index !== undefined && !index.holds(objectName(key))) index.addSegment(key, segment)
        for (const [block, lines] of segment.blocks.entries()) this.#reader.keep(key, block, lines)
      },
    })
  }

  /** One that is under way may have listed too early for who asks, so one more follows for all who ask meanwhile. */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) return this.#startRefresh()
    const start = () => {
      this.#nextRefresh = undefined
      return this.#startRefresh()
    }
    this.#nextRefresh ??= this.#refreshing.then(start, start)
    return this.#nextRefresh
  }

  async find(hashes: readonly string[]): Promise<ReadonlyMap<string, JournalEntry>> {
    const found = new Map<string, JournalEntry>()
    let wanted: ReadonlySet<string> = new Set(hashes)
    for (let left = lookupsBorne; wanted.size > 0; left -= 1) {
      if (left === 0)
        throw new RetortError(
          'store-unavailable',
          `Store '${this.#store.uri}' lists objects of the journal that it does not have.`,
        )
      wanted = await this.#findSome(wanted, found)
    }
    return found
  }

  add(entry: JournalEntry): void {
    this.#writer.add(entry)
  }

  ready(): Promise<void> {
    return this.#writer.ready()
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }

  stats(): JournalStats {
    return {
      answers: this.#index.size,
      segments: this.#index.segments,
      files: this.#index.files,
      indexBytes: this.#index.bytes,
      damaged: this.#loader.damaged(),
      unstored: this.#writer.count,
    }
  }

  async close(): Promise<void> {
    try {
      await this.#writer.flush()
    } finally {
      this.#writer.stop()
    }
  }

  #startRefresh(): Promise<void> {
    const refreshing = this.#learn().finally(() => {
      this.#refreshing = undefined
    })
    this.#refreshing = refreshing
    return refreshing
  }

  async #learn(): Promise<void> {
    if (!this.#isOutdated) {
      await this.#loader.load(this.#index)
      return
    }
    const index = (this.#newIndex = new JournalIndex())
    try {
      await this.#loader.load(index)
      this.#index = index
      this.#isOutdated = false
    } finally {
      this.#newIndex = undefined
    }
  }

  /** Looks requests up; returns those that have to be looked up again. */
  async #findSome(
    hashes: ReadonlySet<string>,
    found: Map<string, JournalEntry>,
  ): Promise<ReadonlySet<string>> {
    const index = this.#index
    const located = new Map<IndexedObject, Map<string, AnswerLocation>>()
    for (const hash of hashes) {
      const location = index.find(hash)
      if (location === undefined) {
        const entry = this.#writer.find(hash)
        if (entry !== undefined) found.set(hash, entry)
        continue
      }
      const answers = located.get(location.object) ?? new Map<string, AnswerLocation>()
      located.set(location.object, answers.set(hash, location))
    }
    const again = new Set<string>()
    let isGone = false
    const readObject = async (
      object: IndexedObject,
      answers: ReadonlyMap<string, AnswerLocation>,
    ) => {
      const wanted = new Set([...answers.values()].map(({ block }) => block))
      const blocks = await this.#reader.read(object, wanted)
      for (const [hash, { block, line }] of answers) {
        const read = blocks.get(block)
        if (read === undefined || read === 'object-gone') {
          isGone = true
          again.add(hash)
          continue
        }
        const entry = 'lines' in read ? parseLine(read.lines[line] ?? '') : undefined
        if (entry !== undefined) {
          // Hashes that share their first 96 bits are not told apart until here.
          if (entry.hash === hash) found.set(hash, entry)
          continue
        }
        const problem = 'damage' in read ? read.damage : `line ${line} is no answer`
        this.#loader.noteDamage(object.key, `block ${block} cannot be read: ${problem}`)
        index.skipBlock(object, block)
        again.add(hash)
      }
    }
    await Promise.all([...located].map(([object, answers]) => readObject(object, answers)))
    if (isGone) {
      if (this.#index === index) this.#isOutdated = true
      await this.refresh()
    }
    return again
  }
}
