/** Calls that begin between two looks at the network; each takes some tenths of a millisecond to write. */
const callsAtOnce = 6

/**
 * Lets calls begin a few at a time, with a look at the network in between.
 *
 * When many may begin at once, as at the start of a run, the first would otherwise be sent only after the last
 * has been written, and their answers would keep coming all at once.
 */
export class CallPacer {
  #begun = 0
  #waiting: (() => void)[] = []
  #isPlanned = false

  /** Returns when the caller may begin, mostly at once. */
  async next(): Promise<void> {
    this.#plan()
    if (this.#begun < callsAtOnce) this.#begun++
    else await new Promise<void>((begin) => this.#waiting.push(begin))
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      const next = this.#waiting.splice(0, callsAtOnce)
      this.#begun = next.length
      for (const begin of next) begin()
      if (next.length > 0) this.#plan()
    })
  }
}
