/** What the fake provider counted. */
export interface FakeStats {
  readonly requests: number
  /** Requests that got an answer of a model. */
  readonly answered: number
  readonly inFlight: number
  readonly peakInFlight: number
  /** Answers beyond the first to one and the same request body: what was paid twice. */
  readonly duplicates: number
  /** Distinct request bodies that were answered. */
  readonly distinct: number
  /** Requests by the status they ended in; `reset` and `hang` for those that got none. */
  readonly statuses: Readonly<Record<string, number>>
}

/** Counts what happens to requests. */
export class FakeCounters {
  #requests = 0
  #answered = 0
  #inFlight = 0
  #peak = 0
  #answersByBody = new Map<string, number>()
  #statuses: Record<string, number> = {}

  begin(): number {
    this.#inFlight += 1
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight
    return this.#requests++
  }

  end(): void {
    this.#inFlight -= 1
  }

  status(status: string): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
  }

  answer(bodyHash: string): void {
    this.#answered += 1
    this.#answersByBody.set(bodyHash, (this.#answersByBody.get(bodyHash) ?? 0) + 1)
  }

  reset(): void {
    this.#requests = 0
    this.#answered = 0
    this.#peak = this.#inFlight
    this.#answersByBody.clear()
    this.#statuses = {}
  }

  snapshot(): FakeStats {
    return {
      requests: this.#requests,
      answered: this.#answered,
      inFlight: this.#inFlight,
      peakInFlight: this.#peak,
      duplicates: this.#answered - this.#answersByBody.size,
      distinct: this.#answersByBody.size,
      statuses: { ...this.#statuses },
    }
  }
}
