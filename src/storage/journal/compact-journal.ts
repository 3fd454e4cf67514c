import { isRetortError } from '../../core/errors.ts'
import { createBoundedTasks } from '../sources/bounded-tasks.ts'
import type { ObjectInfo, Store } from '../store.ts'
import { fileName, filesFolder } from './journal-keys.ts'
import { readEnd } from './journal-object.ts'
import { type DescribedObject, listJournal, supersededFiles } from './list-journal.ts'
import { type MergeInput, planMerge } from './merge-objects.ts'

const endsReadAtOnce = 32
const mostAnswersAtOnce = 1_000_000

/** When merging is worth it. */
export interface CompactionOptions {
  /** Segments that no file holds; 16 by default. */
  readonly minSegments?: number
  /** Most objects that are merged at once; 256 by default. */
  readonly mostAtOnce?: number
  /** Small files; 8 by default. */
  readonly minFiles?: number
  /** A file with fewer answers is small; 100,000 by default. */
  readonly smallFile?: number
}

/** What a compaction made. */
export interface Compaction {
  /** Files that were written. */
  readonly files: number
  /** Segments that no file held before. */
  readonly segments: number
  /** Answers in the files that were written. */
  readonly answers: number
}

/**
 * Merges a journal's segments into files whose answers are in the order of positions, and small files into larger ones.
 *
 * Removes nothing, and two at once do no harm: a file is named after the segments that it holds, and who reads counts
 * each segment once.
 */
export async function compactJournal(
  store: Store,
  pipeline: string,
  options: CompactionOptions = {},
): Promise<Compaction> {
  const { minSegments = 16, mostAtOnce = 256, minFiles = 8, smallFile = 100_000 } = options
  const merger = new Merger(store, pipeline)
  const { loose } = await listJournal(store, pipeline)
  let segments = 0
  for (let from = 0; from < loose.length; from += mostAtOnce)
    segments += await merger.merge(loose.slice(from, from + mostAtOnce), minSegments)
  const { files } = await listJournal(store, pipeline)
  for (const group of groupSmallFiles(files, smallFile)) await merger.merge(group, minFiles)
  return { files: merger.files, segments, answers: merger.answers }
}

/** Small files that together do not hold too many answers for their indexes to be in memory. */
function groupSmallFiles(files: readonly DescribedObject[], smallFile: number): ObjectInfo[][] {
  const superseded = new Set(supersededFiles(files))
  const small = files.filter((file) => !superseded.has(file) && file.footer.answers < smallFile)
  const groups: ObjectInfo[][] = []
  let answers = Infinity
  for (const { info, footer } of small.sort((a, b) => a.footer.answers - b.footer.answers)) {
    if (answers + footer.answers > mostAnswersAtOnce) {
      groups.push([])
      answers = 0
    }
    groups.at(-1)?.push(info)
    answers += footer.answers
  }
  return groups
}

class Merger {
  readonly #store: Store
  readonly #folder: string
  files = 0
  answers = 0

  constructor(store: Store, pipeline: string) {
    this.#store = store
    this.#folder = filesFolder(pipeline)
  }

  /** Merges objects if as many as `min` can be read; returns how many it merged. */
  async merge(objects: readonly ObjectInfo[], min: number): Promise<number> {
    if (objects.length < min) return 0
    let inputs = await this.#readEnds(objects)
    while (inputs.length >= min) {
      const unreadable = await this.#write(inputs)
      if (unreadable === undefined) return inputs.length
      // It stays as it is, for what of it can be read.
      inputs = inputs.filter(({ info }) => info.key !== unreadable)
    }
    return 0
  }

  async #readEnds(objects: readonly ObjectInfo[]): Promise<readonly MergeInput[]> {
    const inputs: MergeInput[] = []
    const tasks = createBoundedTasks(endsReadAtOnce)
    for (const info of objects)
      await tasks.start(async () => {
        try {
          const end = await readEnd(this.#store, info)
          if (end !== undefined) inputs.push({ info, end })
        } catch (error) {
          if (!isRetortError(error) || error.code !== 'store-corrupt') throw error
        }
      })
    await tasks.drain()
    return inputs
  }

  /** Writes a file; returns the key of an object that cannot be read to its end, where there is one. */
  async #write(inputs: readonly MergeInput[]): Promise<string | undefined> {
    const names = new Set(inputs.flatMap(({ end }) => end.footer.segments.map(({ name }) => name)))
    const merge = await planMerge(this.#store, inputs)
    let unreadable: string | undefined
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        yield* merge.pieces()
      } catch (error) {
        if (isRetortError(error) && error.code === 'store-corrupt') {
          const { key } = error.data
          if (typeof key === 'string') unreadable = key
        }
        throw error
      }
    }
    try {
      const key = `${this.#folder}${fileName([...names])}`
      if (await this.#store.writeIfAbsent(key, pieces())) {
        this.files += 1
        this.answers += merge.answers
      }
      return undefined
    } catch (error) {
      if (unreadable === undefined) throw error
      return unreadable
    }
  }
}
