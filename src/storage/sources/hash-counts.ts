/** Bytes of a hash that count; they are as good as all of them. */
const hashBytes = 16

/** Counts hashes in some 50 bytes each, a third of what a map of texts takes. */
export interface HashCounts {
  /** Counts the hash that begins at `at` in `bytes`; returns how often it was counted before. */
  add(bytes: Buffer, at: number): number
}

/** Starts counting. */
export function createHashCounts(): HashCounts {
  let slots = new Uint32Array(2048)
  let hashes = Buffer.alloc((slots.length / 2) * hashBytes)
  let counts = new Uint32Array(slots.length / 2)
  let distinct = 0

  /** The slot of a hash: where its index is, plus one, or where it goes. */
  const slotOf = (bytes: Buffer, at: number) => {
    const mask = slots.length - 1
    // The bytes of a hash are as good as random.
    let slot = bytes.readUInt32LE(at) & mask
    for (; ; slot = (slot + 1) & mask) {
      const index = slots[slot] ?? 0
      const known = (index - 1) * hashBytes
      if (index === 0) return slot
      if (bytes.compare(hashes, known, known + hashBytes, at, at + hashBytes) === 0) return slot
    }
  }
  const grow = () => {
    slots = new Uint32Array(slots.length * 2)
    hashes = Buffer.concat([hashes], hashes.length * 2)
    const grown = new Uint32Array(counts.length * 2)
    grown.set(counts)
    counts = grown
    for (let index = 0; index < distinct; index++)
      slots[slotOf(hashes, index * hashBytes)] = index + 1
  }
  return {
    add(bytes, at) {
      if (distinct === counts.length) grow()
      const slot = slotOf(bytes, at)
      const known = (slots[slot] ?? 0) - 1
      if (known >= 0) {
        const count = counts[known] ?? 0
        counts[known] = count + 1
        return count
      }
      bytes.copy(hashes, distinct * hashBytes, at, at + hashBytes)
      counts[distinct] = 1
      slots[slot] = ++distinct
      return 0
    },
  }
}
