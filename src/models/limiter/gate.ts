/** Holds up new calls as long as anyone has a reason to; calls in flight go on. */
export class Gate {
  readonly #reasons = new Set<string>()
  #waiting: (() => void)[] = []

  get isOpen(): boolean {
    return this.#reasons.size === 0
  }

  get reasons(): readonly string[] {
    return [...this.#reasons]
  }

  pause(reason: string): void {
    this.#reasons.add(reason)
  }

  /** Takes one reason back, or all of them; the gate opens with the last one. */
  open(reason?: string): void {
    if (reason === undefined) this.#reasons.clear()
    else this.#reasons.delete(reason)
    if (!this.isOpen) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const callback of waiting) callback()
  }

  /** Calls back once when the gate opens. */
  onceOpen(callback: () => void): void {
    this.#waiting.push(callback)
  }
}
