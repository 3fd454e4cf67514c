import { setImmediate as giveWay } from 'node:timers/promises'

import { AnswerTable, type HashWords } from './answer-table.ts'
import { blockAnswers } from './journal-block.ts'
import { hashBytes, indexEntryBytes, type ObjectEnd, readHash } from './journal-object.ts'

/** Answers that are added at a stretch, which takes a few milliseconds. */
const addedAtOnce = 8_192
/** What a segment's name and an object's record take, about. */
const segmentBytes = 180
const objectBytes = 260
const offsetBytes = 8

/** An object whose answers can be found. */
export interface IndexedObject {
  readonly key: string
  /** Number of its first answer; the rest follow. */
  readonly base: number
  /** Where each block begins, and where the last one ends. */
  readonly offsets: readonly number[]
}

/** Where an answer is. */
export interface AnswerLocation {
  readonly object: IndexedObject
  readonly block: number
  /** Line of the block, from 0. */
  readonly line: number
}

/** Where every answer of a journal is, in at most 40 bytes each. */
export class JournalIndex {
  readonly #table = new AnswerTable()
  /** In order of their bases; `undefined` where another one took over. */
  readonly #objects: (IndexedObject | undefined)[] = []
  readonly #bases: number[] = []
  #answers = 0
  readonly #segments: string[] = []
  readonly #segmentNumbers = new Map<string, number>()
  /** Numbers of segments to the objects that are such a segment alone. */
  readonly #segmentObjects = new Map<number, number>()
  /** Numbers of the first answers of blocks that cannot be read. */
  readonly #damagedBlocks = new Set<number>()
  #files = 0
  #bytes = 0

  /** Distinct requests that are answered. */
  get size(): number {
    return this.#table.size
  }

  get segments(): number {
    return this.#segmentObjects.size
  }

  get files(): number {
    return this.#files
  }

  get bytes(): number {
    return this.#table.bytes + this.#bytes
  }

  /** Whether the answers of a segment can be found, in it or in a file. */
  holds(segment: string): boolean {
    return this.#segmentNumbers.has(segment)
  }

  /** Whether all of some segments' answers can be found in files. */
  holdsInFiles(segments: readonly string[]): boolean {
    return segments.every((segment) => {
      const number = this.#segmentNumbers.get(segment)
      return number !== undefined && !this.#segmentObjects.has(number)
    })
  }

  /** Adds a segment's answers at a stretch. */
  addSegment(key: string, end: ObjectEnd): IndexedObject {
    const { object, segments, number } = this.#register(key, end)
    this.#addAnswers(end, object.base, segments, 0, end.footer.answers)
    const [segment = 0] = segments
    this.#segmentObjects.set(segment, number)
    return object
  }

  /** Adds a file's answers; it takes over those of the segments that it holds. */
  async addFile(key: string, end: ObjectEnd): Promise<void> {
    const { object, segments } = this.#register(key, end)
    this.#files += 1
    for (let from = 0; from < end.footer.answers; from += addedAtOnce) {
      if (from > 0) await giveWay()
      const to = Math.min(from + addedAtOnce, end.footer.answers)
      this.#addAnswers(end, object.base, segments, from, to)
    }
    for (const segment of segments) {
      const replaced = this.#segmentObjects.get(segment)
      if (replaced === undefined) continue
      this.#remove(replaced)
      this.#segmentObjects.delete(segment)
    }
  }

  /** Forgets the answers of a block that cannot be read. */
  skipBlock({ base }: IndexedObject, block: number): void {
    this.#damagedBlocks.add(base + block * blockAnswers)
  }

  /** Where the answer to a request is; of several the one whose segment's name is smallest. */
  find(hash: string): AnswerLocation | undefined {
    let best: AnswerLocation | undefined
    let bestName = ''
    this.#table.find(wordsOf(hash), (answer, segment) => {
      const name = this.#segments[segment] ?? ''
      if (best !== undefined && bestName <= name) return
      const location = this.#locate(answer)
      if (location === undefined) return
      best = location
      bestName = name
    })
    return best
  }

  #locate(answer: number): AnswerLocation | undefined {
    const object = this.#objects[this.#numberOf(answer)]
    if (object === undefined) return undefined
    const number = answer - object.base
    const block = Math.floor(number / blockAnswers)
    if (this.#damagedBlocks.has(object.base + block * blockAnswers)) return undefined
    return { object, block, line: number % blockAnswers }
  }

  #numberOf(answer: number): number {
    let low = 0
    let high = this.#bases.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#bases[middle] ?? 0) <= answer) low = middle
      else high = middle - 1
    }
    return low
  }

  #register(key: string, { footer }: ObjectEnd) {
    const segments = Uint32Array.from(footer.segments, ({ name }) => this.#segmentNumber(name))
    let end = 0
    const offsets = [0, ...footer.blocks.map((length) => (end += length))]
    const object = { key, base: this.#answers, offsets }
    const number = this.#objects.push(object) - 1
    this.#bases.push(object.base)
    this.#answers += footer.answers
    this.#bytes += objectBytes + offsets.length * offsetBytes
    return { object, segments, number }
  }

  #segmentNumber(name: string): number {
    const known = this.#segmentNumbers.get(name)
    if (known !== undefined) return known
    const number = this.#segments.push(name) - 1
    this.#segmentNumbers.set(name, number)
    this.#bytes += segmentBytes
    return number
  }

  #addAnswers(
    { index }: ObjectEnd,
    base: number,
    segments: Uint32Array,
    from: number,
    to: number,
  ): void {
    for (let number = from; number < to; number += 1) {
      const segment = index.readUInt32LE(number * indexEntryBytes + hashBytes)
      this.#table.add(readHash(index, number), base + number, segments[segment] ?? 0)
    }
  }

  #remove(number: number): void {
    const object = this.#objects[number]
    if (object === undefined) return
    this.#bytes -= objectBytes + object.offsets.length * offsetBytes
    this.#objects[number] = undefined
  }
}

function wordsOf(hash: string): HashWords {
  return {
    a: Number.parseInt(hash.slice(0, 8), 16) >>> 0,
    b: Number.parseInt(hash.slice(8, 16), 16) >>> 0,
    c: Number.parseInt(hash.slice(16, 24), 16) >>> 0,
  }
}
