/** Words of a slot: three of the hash, the number of the answer plus one, the number of its segment. */
const slotWords = 5
const partitionBits = 6
const firstSlots = 8
const mostFilled = 0.8
const growth = 1.15

/** The part of a hash that a table tells hashes by: 96 bits, which no two of any journal share. */
export interface HashWords {
  readonly a: number
  readonly b: number
  readonly c: number
}

/**
 * A table of hashes in 25 to 29 bytes each: open addressing in flat arrays, in partitions that grow one by one.
 *
 * A hash may have several answers, each of another segment.
 */
export class AnswerTable {
  readonly #partitions = Array.from({ length: 2 ** partitionBits }, () => new Partition(firstSlots))
  #distinct = 0

  /** Distinct hashes. */
  get size(): number {
    return this.#distinct
  }

  get bytes(): number {
    return this.#partitions.reduce((sum, { words }) => sum + words.byteLength, 0)
  }

  /** Adds an answer; one of the same segment to the same hash takes an earlier one's place. */
  add(hash: HashWords, answer: number, segment: number): void {
    const partition = this.#partitionOf(hash)
    let isFirst = partition.add(hash, answer, segment)
    if (isFirst === undefined) {
      const grown = partition.grown()
      this.#partitions[hash.a >>> (32 - partitionBits)] = grown
      isFirst = grown.add(hash, answer, segment)
    }
    if (isFirst === true) this.#distinct += 1
  }

  /** Tells each answer to a hash, with its segment. */
  find(hash: HashWords, tell: (answer: number, segment: number) => void): void {
    this.#partitionOf(hash).find(hash, tell)
  }

  #partitionOf({ a }: HashWords): Partition {
    const partition = this.#partitions[a >>> (32 - partitionBits)]
    if (partition === undefined) throw new RangeError(`${a} is no 32-bit word.`)
    return partition
  }
}

class Partition {
  readonly slots: number
  readonly words: Uint32Array
  used = 0

  constructor(slots: number) {
    this.slots = slots
    this.words = new Uint32Array(slots * slotWords)
  }

  /** Returns whether the hash is the first of its kind; `undefined` where there is no room for it. */
  add(hash: HashWords, answer: number, segment: number): boolean | undefined {
    const { words } = this
    let isFirst = true
    let at = this.#startOf(hash.b)
    for (; words[at + 3] !== 0; at = this.#after(at)) {
      if (words[at] !== hash.a || words[at + 1] !== hash.b || words[at + 2] !== hash.c) continue
      isFirst = false
      if (words[at + 4] !== segment) continue
      words[at + 3] = answer + 1
      return false
    }
    if (this.used + 1 > this.slots * mostFilled) return undefined
    words[at] = hash.a
    words[at + 1] = hash.b
    words[at + 2] = hash.c
    words[at + 3] = answer + 1
    words[at + 4] = segment
    this.used += 1
    return isFirst
  }

  find(hash: HashWords, tell: (answer: number, segment: number) => void): void {
    const { words } = this
    for (let at = this.#startOf(hash.b); ; at = this.#after(at)) {
      const answer = words[at + 3] ?? 0
      if (answer === 0) return
      if (words[at] === hash.a && words[at + 1] === hash.b && words[at + 2] === hash.c)
        tell(answer - 1, words[at + 4] ?? 0)
    }
  }

  grown(): Partition {
    const grown = new Partition(Math.ceil(this.slots * growth))
    const { words } = this
    for (let at = 0; at < words.length; at += slotWords) {
      if (words[at + 3] === 0) continue
      let to = grown.#startOf(words[at + 1] ?? 0)
      while (grown.words[to + 3] !== 0) to = grown.#after(to)
      for (let word = 0; word < slotWords; word += 1) grown.words[to + word] = words[at + word] ?? 0
    }
    grown.used = this.used
    return grown
  }

  /** The bits of a hash are as good as random, so any word of it spreads the answers evenly. */
  #startOf(word: number): number {
    return Math.floor((word / 2 ** 32) * this.slots) * slotWords
  }

  #after(at: number): number {
    const next = at + slotWords
    return next === this.words.length ? 0 : next
  }
}
