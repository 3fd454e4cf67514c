import { setImmediate as giveWay } from 'node:timers/promises'

import { Heap } from '../../core/heap.ts'
import type { ObjectInfo, Store } from '../store.ts'
import { AnswerTable } from './answer-table.ts'
import { EntryCursor, type StoredEntry } from './entry-cursor.ts'
import { blockAnswers, encodeBlock } from './journal-block.ts'
import { compareEntries } from './journal-entry-line.ts'
import {
  encodeEnd,
  hashBytes,
  type HeldSegment,
  indexEntryBytes,
  type ObjectEnd,
  readHash,
} from './journal-object.ts'

/** Answers that are looked at at a stretch, which takes a few milliseconds. */
const answersAtOnce = 8_192
const loadedAtOnce = 16
/** Packed bytes of all objects together that are read at once, where their blocks are not larger. */
const readAheadBytes = 16e6

/** An object that is merged with others. */
export interface MergeInput {
  readonly info: ObjectInfo
  readonly end: ObjectEnd
}

/** Packed bytes of an object that merging it holds in memory at least: a block. */
export function mergedBytes({ end }: MergeInput): number {
  return end.footer.blocks.reduce((most, length) => Math.max(most, length), 0)
}

/** A file that objects become. */
export interface Merge {
  /** Distinct requests that it answers. */
  readonly answers: number
  /** Its content. @throws RetortError `store-corrupt` where an object cannot be read to its end */
  pieces(): AsyncGenerator<Uint8Array>
}

/** Decides which answers a file of some objects holds: of several to one request that of the first segment. */
export async function planMerge(store: Store, inputs: readonly MergeInput[]): Promise<Merge> {
  const segments = collectSegments(inputs)
  const numbers = new Map(segments.map(({ name }, number) => [name, number]))
  const sources = toSources(inputs, numbers)
  const table = new AnswerTable()
  for (const source of sources)
    for (let number = 0; number < source.answers; number += 1) {
      if (number % answersAtOnce === answersAtOnce - 1) await giveWay()
      table.add(source.hash(number), source.base + number, source.segment(number))
    }
  const total = sources.reduce((sum, { answers }) => sum + answers, 0)
  const isKept = (source: Source, number: number) => {
    if (table.size === total) return true
    let best = { answer: -1, segment: Infinity }
    table.find(source.hash(number), (answer, segment) => {
      if (segment < best.segment) best = { answer, segment }
    })
    return best.answer === source.base + number
  }
  return {
    answers: table.size,
    async *pieces() {
      const index = Buffer.alloc(table.size * indexEntryBytes)
      const blocks: number[] = []
      let lines: string[] = []
      let written = 0
      for await (const { source, entry } of inOrder(store, sources)) {
        if (!isKept(source, entry.number)) continue
        const at = written * indexEntryBytes
        index.write(entry.hash, at, hashBytes, 'hex')
        index.writeUInt32LE(source.segment(entry.number), at + hashBytes)
        written += 1
        if (lines.push(entry.line) < blockAnswers && written < table.size) continue
        const block = await encodeBlock(lines)
        blocks.push(block.length)
        lines = []
        yield block
        await giveWay()
      }
      yield encodeEnd({ footer: { answers: written, blocks, segments }, index })
    },
  }
}

/** An object with its place among the others. */
interface Source extends MergeInput {
  readonly answers: number
  /** Number of its first answer among those of all. */
  readonly base: number
  hash(number: number): ReturnType<typeof readHash>
  /** Number of an answer's segment among those of all. */
  segment(number: number): number
}

function collectSegments(inputs: readonly MergeInput[]): HeldSegment[] {
  const segments = new Map<string, HeldSegment>()
  for (const { end } of inputs)
    for (const segment of end.footer.segments) segments.set(segment.name, segment)
  return [...segments.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function toSources(
  inputs: readonly MergeInput[],
  numbers: ReadonlyMap<string, number>,
): readonly Source[] {
  let base = 0
  return inputs.map(({ info, end }) => {
    const { footer, index } = end
    const segments = footer.segments.map(({ name }) => numbers.get(name) ?? 0)
    const source = {
      info,
      end,
      base,
      answers: footer.answers,
      hash: (number: number) => readHash(index, number),
      segment: (number: number) =>
        segments[index.readUInt32LE(number * indexEntryBytes + hashBytes)] ?? 0,
    }
    base += footer.answers
    return source
  })
}

async function* inOrder(
  store: Store,
  sources: readonly Source[],
): AsyncGenerator<{ readonly source: Source; readonly entry: StoredEntry }> {
  const cursors = sources.map((source) => ({
    source,
    cursor: new EntryCursor(store, source.info.key, source.end, readAheadBytes / sources.length),
  }))
  for (let from = 0; from < cursors.length; from += loadedAtOnce) {
    const some = cursors.slice(from, from + loadedAtOnce)
    await Promise.all(some.map(({ cursor }) => cursor.load()))
    await giveWay()
  }
  const waiting = new Heap<{ entry: StoredEntry; source: Source; cursor: EntryCursor }>(
    (one, other) => compareEntries(one.entry, other.entry) < 0,
  )
  const queue = (source: Source, cursor: EntryCursor) => {
    const { entry } = cursor
    if (entry !== undefined) waiting.push({ entry, source, cursor })
  }
  for (const { source, cursor } of cursors) queue(source, cursor)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { source, entry, cursor } = next
    yield { source, entry }
    if (cursor.advance()) await cursor.load()
    queue(source, cursor)
  }
}
