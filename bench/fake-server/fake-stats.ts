import type { FakeUsage } from './fake-options.ts'

/** What the fake provider counted. */
export interface FakeStats {
  readonly requests: number
  /** Requests that got an answer of a model. */
  readonly answered: number
  /** Tokens of those answers and of what was asked. */
  readonly tokens: FakeUsage
  readonly inFlight: number
  readonly peakInFlight: number
  /** Answers beyond the first to one and the same request body: what was paid twice. */
  readonly duplicates: number
  /** Distinct request bodies that were answered. */
  readonly distinct: number
  /** Request bodies that were answered more than once, by SHA-1, with their answers; the first hundred. */
  readonly repeated: Readonly<Record<string, number>>
  /** Requests that came while it was down. */
  readonly requestsWhileDown: number
  /**
   * Requests by the status they ended in; `reset`, `truncated`, `stall`, `hang` and `down` for those
   * that got no whole reply.
   */
  readonly statuses: Readonly<Record<string, number>>
}

const mostRepeated = 100

/** Counts what happens to requests. */
export class FakeCounters {
  #requests = 0
  #answered = 0
  #tokens: FakeUsage = { input: 0, output: 0 }
  #inFlight = 0
  #peak = 0
  #answersByBody = new Map<string, number>()
  #whileDown = 0
  #statuses: Record<string, number> = {}

  get answered(): number {
    return this.#answered
  }

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

  cameWhileDown(): void {
    this.#whileDown += 1
  }

  answer(bodyHash: string, { input, output }: FakeUsage): void {
    this.#answered += 1
    this.#tokens = { input: this.#tokens.input + input, output: this.#tokens.output + output }
    this.#answersByBody.set(bodyHash, (this.#answersByBody.get(bodyHash) ?? 0) + 1)
  }

  reset(): void {
    this.#requests = 0
    this.#answered = 0
    this.#tokens = { input: 0, output: 0 }
    this.#peak = this.#inFlight
    this.#answersByBody.clear()
    this.#whileDown = 0
    this.#statuses = {}
  }

  snapshot(): FakeStats {
    return {
      requests: this.#requests,
      answered: this.#answered,
      tokens: this.#tokens,
      inFlight: this.#inFlight,
      peakInFlight: this.#peak,
      duplicates: this.#answered - this.#answersByBody.size,
      distinct: this.#answersByBody.size,
      repeated: this.#repeated(),
      requestsWhileDown: this.#whileDown,
      statuses: { ...this.#statuses },
    }
  }

  #repeated(): Record<string, number> {
    const repeated: Record<string, number> = {}
    if (this.#answered === this.#answersByBody.size) return repeated
    let left = mostRepeated
    for (const [body, answers] of this.#answersByBody) {
      if (answers < 2) continue
      repeated[body] = answers
      left -= 1
      if (left === 0) break
    }
    return repeated
  }
}
