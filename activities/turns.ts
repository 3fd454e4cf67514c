/**
 * Lets batches begin one at a time, the one with the lowest position first, with a look at the network in between.
 *
 * Batches come in bursts, and making the prompts of fifty rows takes a while: without turns, the first calls
 * would wait until the last batch of a burst has made its prompts.
 */
export class Turns {
  #waiting: { readonly position: number; readonly begin: () => void }[] = []

  /** Returns when it is the caller's turn to work until its next wait. */
  async next(position: number): Promise<void> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ position, begin })
      if (this.#waiting.length === 1) setImmediate(() => this.#give())
    })
  }

  #give(): void {
    const lowest = this.#waiting.reduce((best, one) => (one.position < best.position ? one : best))
    this.#waiting = this.#waiting.filter((one) => one !== lowest)
    lowest.begin()
    if (this.#waiting.length > 0) setImmediate(() => this.#give())
  }
}
