import { isRetortError } from '../../core/errors.ts'
import { createBoundedTasks } from '../sources/bounded-tasks.ts'
import type { ObjectInfo, Store } from '../store.ts'
import { fileName, filesFolder } from './journal-keys.ts'
import { readEnd } from './journal-object.ts'
import { type DescribedObject, listJournal, supersededFiles } from './list-journal.ts'
import { type MergeInput, mergedBytes, planMerge } from './merge-objects.ts'

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
  /** Packed bytes of a block of each object; beyond them a merge takes no more objects than it must. 8 MB by default. */
  readonly mostBytes?: number
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
  const merger = new Merger(store, pipeline, options.mostBytes ?? 8e6)
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
  small.sort((a, b) => a.footer.answers - b.footer.answers)
  const groups = groupUpTo(mostAnswersAtOnce, small, ({ footer }) => footer.answers)
  return groups.map((group) => group.map(({ info }) => info))
}

/** Splits items into groups of `min` at least, or the rest, which grow while they come to no more than `most`. */
function groupUpTo<Item>(
  most: number,
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  min = 1,
): readonly Item[][] {
  const groups: Item[][] = []
  let size = 0
  for (const item of items) {
    const more = sizeOf(item)
    const group = groups.at(-1)
    if (group !== undefined && (group.length < min || size + more <= most)) {
      group.push(item)
      size += more
    } else {
      groups.push([item])
      size = more
    }
  }
  return groups
}

class Merger {
  readonly #store: Store
  readonly #folder: string
  readonly #mostBytes: number
  files = 0
  answers = 0

  constructor(store: Store, pipeline: string, mostBytes: number) {
    this.#store = store
    this.#folder = filesFolder(pipeline)
    this.#mostBytes = mostBytes
  }

  /** Merges objects if as many as `min` can be read; returns how many it merged. */
  async merge(objects: readonly ObjectInfo[], min: number): Promise<number> {
    if (objects.length < min) return 0
    let merged = 0
    const inputs = await this.#readEnds(objects)
    for (const group of groupUpTo(this.#mostBytes, inputs, mergedBytes, min))
      merged += await this.#mergeGroup(group, min)
    return merged
  }

  async #mergeGroup(group: readonly MergeInput[], min: number): Promise<number> {
    let inputs = group
    while (inputs.length >= min) {
      const unreadable = await this.#write(inputs)
      if (unreadable === undefined) return inputs.length
      // It stays as it is, for what of it can be read.
      inputs = inputs.filter(({ info }) => info.key !== unreadable)
    }
    return 0
  }

  /** What can be read, in the order of the objects, so that whoever merges the same makes the same files. */
  async #readEnds(objects: readonly ObjectInfo[]): Promise<readonly MergeInput[]> {
    const inputs = Array.from<MergeInput | undefined>({ length: objects.length })
    const tasks = createBoundedTasks(endsReadAtOnce)
    for (const [place, info] of objects.entries())
      await tasks.start(async () => {
        try {
          const end = await readEnd(this.#store, info)
          if (end !== undefined) inputs[place] = { info, end }
        } catch (error) {
          if (!isRetortError(error) || error.code !== 'store-corrupt') throw error
        }
      })
    await tasks.drain()
    return inputs.filter((input) => input !== undefined)
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
