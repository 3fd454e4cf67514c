const wordsOfHash = 4
/** Slots for each hash, so that a free one is near. */
const room = 1.5

/** A set of hashes of 16 bytes that are as good as random, in 24 bytes each. */
export class HashSet {
  #words: Uint32Array
  #slots: number
  #used = 0
  #hasZero = false

  /** @param expected - how many hashes it is made for; it grows where there are more */
  constructor(expected: number) {
    this.#slots = Math.max(8, Math.ceil(expected * room))
    this.#words = new Uint32Array(this.#slots * wordsOfHash)
  }

  /** Adds the hash that begins somewhere in these bytes; false where it was there. */
  add(bytes: Uint8Array, at: number): boolean {
    const { buffer, byteOffset } = bytes
    const view = new DataView(buffer, byteOffset + at, wordsOfHash * 4)
    const a = view.getUint32(0, true)
    const b = view.getUint32(4, true)
    const c = view.getUint32(8, true)
    const d = view.getUint32(12, true)
    // Four words of nothing stand for a free slot.
    if ((a | b | c | d) === 0) {
      const isNew = !this.#hasZero
      this.#hasZero = true
      return isNew
    }
    if (this.#used * room > this.#slots) this.#grow()
    if (!this.#put(a, b, c, d)) return false
    this.#used += 1
    return true
  }

  #put(a: number, b: number, c: number, d: number): boolean {
    const words = this.#words
    // The last word: hashes may be chosen by their first.
    let slot = Math.floor((d / 2 ** 32) * this.#slots)
    for (;;) {
      const at = slot * wordsOfHash
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d)
        return false
      if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0) {
        words[at] = a
        words[at + 1] = b
        words[at + 2] = c
        words[at + 3] = d
        return true
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
  }

  #grow(): void {
    const before = this.#words
    this.#slots *= 2
    this.#words = new Uint32Array(this.#slots * wordsOfHash)
    for (let at = 0; at < before.length; at += wordsOfHash) {
      const [a = 0, b = 0, c = 0, d = 0] = before.subarray(at, at + wordsOfHash)
      if ((a | b | c | d) !== 0) this.#put(a, b, c, d)
    }
  }
}
