/** Time as the journal knows it; tests bring their own. */
export interface JournalClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after so many milliseconds, or never where the returned function is called before. */
  after(milliseconds: number, callback: () => void): () => void
}

/** The machine's own time. */
export const machineClock: JournalClock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}
