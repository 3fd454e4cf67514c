import type { Clock } from '../../core/clock.ts'
import type { RetortError } from '../../core/errors.ts'

import type { CallOptions } from './call-options.ts'
import type { Gate } from './gate.ts'
import type { FailureHistory } from './retry-policy.ts'

/** A call on its way through a limiter. */
export interface Call extends FailureHistory {
  readonly priority: number
  /** Order of arrival among calls of one priority. */
  readonly sequence: number
  /** Milliseconds since the epoch; infinite where there is none. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  readonly gate: Gate | undefined
  /** Tokens that are set aside for an attempt until it is known what it used. */
  readonly estimatedTokens: number
  /** Milliseconds since the epoch before which it isn't repeated. */
  restsUntil: number
  /** Milliseconds since the epoch at which it is handed back where the provider still blocks the group. */
  heldUntil: number
  attempts: number
  /** When its latest attempt started, and in which stretch of the learned rate. */
  startedAt: number
  stretch: number
  lastError: RetortError | undefined
  /** Ends the wait; only while it waits. */
  turn: { resolve(): void; reject(error: unknown): void } | undefined
}

/** A call that has not been tried yet. */
export function toCall<T>(priority: number, sequence: number, options: CallOptions<T>): Call {
  return {
    priority,
    sequence,
    deadline: options.deadline ?? Number.POSITIVE_INFINITY,
    signal: options.signal,
    gate: options.gate,
    estimatedTokens: options.estimatedTokens ?? 0,
    restsUntil: 0,
    heldUntil: Number.POSITIVE_INFINITY,
    attempts: 0,
    startedAt: 0,
    stretch: 0,
    era: 0,
    failures: 0,
    lonelyFailures: 0,
    groupSucceeded: 0,
    groupFailed: 0,
    lastError: undefined,
    turn: undefined,
  }
}

/** Whether one call is served before another. */
export function isBefore(one: Call, other: Call): boolean {
  return one.priority === other.priority
    ? one.sequence < other.sequence
    : one.priority < other.priority
}

/** When it is to be asked whether a call is handed back. */
function timeOf(call: Call): number {
  return Math.min(call.deadline, call.heldUntil)
}

/**
 * The calls that wait, wherever they do: ends their wait when their signal aborts or their
 * time passes, with one listener a signal and one timer in all.
 */
export class WaitingCalls {
  readonly #clock: Clock
  readonly #expired: (call: Call, now: number) => unknown
  readonly #dropped: () => void
  readonly #calls = new Set<Call>()
  readonly #bySignal = new Map<AbortSignal, { calls: Set<Call>; stop(): void }>()
  #expiryAt = Number.POSITIVE_INFINITY
  #cancelExpiry: () => void = () => {}

  constructor(clock: Clock, expired: (call: Call, now: number) => unknown, dropped: () => void) {
    this.#clock = clock
    this.#expired = expired
    this.#dropped = dropped
  }

  get size(): number {
    return this.#calls.size
  }

  /** Waits until {@link release} or {@link reject} ends it. */
  add(call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      call.turn = { resolve, reject }
      this.#calls.add(call)
      if (call.signal !== undefined) this.#watch(call.signal, call)
      const time = timeOf(call)
      if (time < this.#expiryAt) this.#expireAt(time)
    })
  }

  /** Asks at this time whether the calls that have a deadline are to be handed back. */
  holdUntil(time: number): void {
    let isAny = false
    for (const call of this.#calls)
      if (call.deadline < Number.POSITIVE_INFINITY) {
        call.heldUntil = time
        isAny = true
      }
    if (isAny && time < this.#expiryAt) this.#expireAt(time)
  }

  release(call: Call): void {
    this.#remove(call)?.resolve()
  }

  /** Ends the wait of every call for which the function returns an error. */
  rejectWhere(errorOf: (call: Call) => unknown): void {
    let isAnyDropped = false
    for (const call of this.#calls) {
      const error = errorOf(call)
      if (error === undefined) continue
      this.#remove(call)?.reject(error)
      isAnyDropped = true
    }
    if (isAnyDropped) this.#dropped()
  }

  #remove(call: Call): Call['turn'] {
    const { turn, signal } = call
    call.turn = undefined
    this.#calls.delete(call)
    if (this.#calls.size === 0) this.#stopExpiry()
    if (signal !== undefined) {
      const watch = this.#bySignal.get(signal)
      watch?.calls.delete(call)
      if (watch?.calls.size === 0) {
        watch.stop()
        this.#bySignal.delete(signal)
      }
    }
    return turn
  }

  #watch(signal: AbortSignal, call: Call): void {
    const watch = this.#bySignal.get(signal)
    if (watch !== undefined) {
      watch.calls.add(call)
      return
    }
    const calls = new Set([call])
    const onAbort = () => this.rejectWhere((each) => (calls.has(each) ? signal.reason : undefined))
    signal.addEventListener('abort', onAbort, { once: true })
    this.#bySignal.set(signal, {
      calls,
      stop: () => signal.removeEventListener('abort', onAbort),
    })
  }

  #expireAt(time: number): void {
    this.#cancelExpiry()
    this.#expiryAt = time
    this.#cancelExpiry = this.#clock.after(time - this.#clock.now(), () => this.#expire())
  }

  #expire(): void {
    const now = this.#clock.now()
    this.#expiryAt = Number.POSITIVE_INFINITY
    this.rejectWhere((call) => (timeOf(call) <= now ? this.#expired(call, now) : undefined))
    let next = Number.POSITIVE_INFINITY
    for (const call of this.#calls) next = Math.min(next, timeOf(call))
    if (next < Number.POSITIVE_INFINITY) this.#expireAt(next)
  }

  /** An idle limiter keeps no process alive. */
  #stopExpiry(): void {
    this.#cancelExpiry()
    this.#expiryAt = Number.POSITIVE_INFINITY
  }
}
