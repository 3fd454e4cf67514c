import { RetortError } from '../../core/errors.ts'
import type { LLMLimits } from '../../core/llm-spec.ts'

import { type Clock, systemClock } from './clock.ts'
import { Gate } from './gate.ts'
import { Heap } from './heap.ts'
import { noRoom, workerStopping } from './limiter-errors.ts'
import { RetryPolicy } from './retry-policy.ts'
import { type Call, WaitingCalls, isBefore } from './waiting-calls.ts'

/** Calls in flight of a group that nobody told a limit of. */
const untoldConcurrency = 8

/** What a limiter takes from its surroundings. */
export interface LimiterOptions {
  readonly clock?: Clock
  /** Numbers in [0, 1), for jitter. */
  readonly random?: () => number
}

/** What bounds one call's waiting and repeating. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds since the epoch at which the caller hands its batch back. */
  readonly deadline?: number
  /** Holds up the calls of one run; the limiter's own gate holds up all. */
  readonly gate?: Gate
}

/** What a limiter did and does. */
export interface LimiterStats {
  readonly group: string
  readonly maxConcurrency: number
  readonly inFlight: number
  readonly peakInFlight: number
  readonly waiting: number
  readonly attempts: number
  readonly succeeded: number
  /** Attempts that failed and were repeated, by error code. */
  readonly retries: Readonly<Record<string, number>>
  /** Milliseconds for which no call starts. */
  readonly pausedForMs: number
}

/**
 * Keeps the calls of one limit group in this process within its limits, and repeats what a provider
 * failed at for as long as the caller can wait.
 *
 * Calls are served by priority, lowest first, then in the order of their arrival. A call that waits
 * before it is repeated takes nobody's place.
 */
export class Limiter {
  readonly group: string
  readonly #clock: Clock
  readonly #policy: RetryPolicy
  readonly #gate = new Gate()
  readonly #waiting: WaitingCalls
  readonly #ready = new Heap<Call>(isBefore)
  readonly #members = new Map<symbol, number | undefined>()
  #maxConcurrency = untoldConcurrency
  #inFlight = 0
  #peakInFlight = 0
  #sequence = 0
  #attempts = 0
  #succeeded = 0
  #retries: Record<string, number> = {}
  #pausedUntil = Number.NEGATIVE_INFINITY
  #pausedBy: RetortError | undefined
  #wakeAt: number | undefined
  #cancelWake: () => void = () => {}
  #isWatchingGate = false
  #closed: Error | undefined

  constructor(group: string, options: LimiterOptions = {}) {
    this.group = group
    this.#clock = options.clock ?? systemClock
    this.#policy = new RetryPolicy(group, options.random ?? Math.random)
    this.#waiting = new WaitingCalls(
      this.#clock,
      (call) => this.#outOfTime(call),
      () => {
        this.#ready.keep((call) => call.turn !== undefined)
        this.#planWake()
      },
    )
  }

  /** Takes a run's limits into account until the returned function is called; the smallest of all holds. */
  join(limits: LLMLimits = {}): () => void {
    const member = Symbol()
    this.#members.set(member, limits.maxConcurrency)
    this.#limit()
    return () => {
      if (this.#members.delete(member)) this.#limit()
    }
  }

  /**
   * Runs an attempt when there is room, and again after failures of the provider.
   *
   * @throws {RetortError} what the last attempt threw, where repeating does not help or the deadline
   * comes first; `retryAfterMs` then says how long the provider wants to be left alone
   */
  async run<T>(
    priority: number,
    attempt: (signal: AbortSignal | undefined) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const { signal } = options
    const call: Call = {
      priority,
      sequence: this.#sequence++,
      deadline: options.deadline ?? Number.POSITIVE_INFINITY,
      signal,
      gate: options.gate,
      failures: 0,
      lastError: undefined,
      turn: undefined,
    }
    for (;;) {
      const turn = this.#enter(call)
      if (turn !== undefined) await turn
      const { era } = this.#policy
      let restMs: number
      try {
        const result = await attempt(signal)
        this.#succeeded += 1
        this.#policy.succeeded(era)
        return result
      } catch (error) {
        restMs = this.#react(call, error, era)
      } finally {
        this.#inFlight -= 1
        this.#serve()
      }
      if (restMs > 0) await this.#rest(call, restMs)
    }
  }

  /** Lets no call start until {@link open} takes the reason back; calls in flight go on. */
  pause(reason: string): void {
    this.#gate.pause(reason)
  }

  open(reason?: string): void {
    this.#gate.open(reason)
  }

  /** Ends every wait, for good; calls in flight finish. */
  close(reason: Error = workerStopping(this.group)): void {
    this.#closed = reason
    this.#waiting.rejectWhere((call) => call.lastError ?? reason)
  }

  stats(): LimiterStats {
    return {
      group: this.group,
      maxConcurrency: this.#maxConcurrency,
      inFlight: this.#inFlight,
      peakInFlight: this.#peakInFlight,
      waiting: this.#waiting.size,
      attempts: this.#attempts,
      succeeded: this.#succeeded,
      retries: { ...this.#retries },
      pausedForMs: Math.max(0, this.#pausedUntil - this.#clock.now()),
    }
  }

  #limit(): void {
    const told = [...this.#members.values()].filter((value) => value !== undefined)
    this.#maxConcurrency = told.length > 0 ? Math.min(...told) : untoldConcurrency
    this.#serve()
  }

  /** Starts the call, or says when it may start. */
  #enter(call: Call): Promise<void> | undefined {
    if (call.signal?.aborted) throw call.signal.reason
    if (this.#closed !== undefined) throw call.lastError ?? this.#closed
    if (call.deadline < Math.max(this.#pausedUntil, this.#clock.now())) throw this.#outOfTime(call)
    if (this.#hasRoom && this.#ready.size === 0 && call.gate?.isOpen !== false) {
      this.#start()
      return undefined
    }
    const turn = this.#waiting.add(call)
    this.#queue(call)
    return turn
  }

  #queue(call: Call): void {
    if (call.turn === undefined) return
    this.#ready.push(call)
    this.#serve()
  }

  get #hasRoom(): boolean {
    return (
      this.#inFlight < this.#maxConcurrency &&
      this.#gate.isOpen &&
      this.#pausedUntil <= this.#clock.now()
    )
  }

  #start(): void {
    this.#inFlight += 1
    this.#attempts += 1
    if (this.#inFlight > this.#peakInFlight) this.#peakInFlight = this.#inFlight
  }

  #serve(): void {
    if (!this.#gate.isOpen && this.#ready.size > 0) this.#watchGate()
    while (this.#ready.size > 0 && this.#hasRoom) {
      const call = this.#ready.pop()
      if (call?.turn === undefined) continue
      if (call.gate?.isOpen === false) {
        call.gate.onceOpen(() => this.#queue(call))
        continue
      }
      this.#start()
      this.#waiting.release(call)
    }
    this.#planWake()
  }

  /** Serves again when the pause ends; an idle limiter has no timer that keeps a process alive. */
  #planWake(): void {
    const isNeeded = this.#ready.size > 0 && this.#pausedUntil > this.#clock.now()
    const wakeAt = isNeeded ? this.#pausedUntil : undefined
    if (wakeAt === this.#wakeAt) return
    this.#cancelWake()
    this.#wakeAt = wakeAt
    if (wakeAt === undefined) return
    this.#cancelWake = this.#clock.after(wakeAt - this.#clock.now(), () => {
      this.#wakeAt = undefined
      this.#serve()
    })
  }

  #watchGate(): void {
    if (this.#isWatchingGate) return
    this.#isWatchingGate = true
    this.#gate.onceOpen(() => {
      this.#isWatchingGate = false
      this.#serve()
    })
  }

  /** Says how long the call rests before it waits for its turn again. */
  #react(call: Call, error: unknown, era: number): number {
    if (call.signal?.aborted) throw call.signal.reason
    const now = this.#clock.now()
    call.failures += 1
    const reaction = this.#policy.failed(error, call.failures, era, now)
    if (reaction.kind === 'throw') throw reaction.error
    // The policy repeats nothing but errors of its own kind.
    const lastError = error as RetortError
    call.lastError = lastError
    this.#retries[lastError.code] = (this.#retries[lastError.code] ?? 0) + 1
    if (reaction.kind === 'pause') this.#pauseFor(reaction.milliseconds, lastError)
    if (now + reaction.milliseconds > call.deadline) throw this.#outOfTime(call)
    return reaction.kind === 'rest' ? reaction.milliseconds : 0
  }

  #pauseFor(milliseconds: number, error: RetortError): void {
    const until = this.#clock.now() + milliseconds
    if (until <= this.#pausedUntil) return
    this.#pausedUntil = until
    this.#pausedBy = error
    this.#waiting.rejectWhere((call) => (call.deadline < until ? this.#outOfTime(call) : undefined))
    this.#planWake()
  }

  async #rest(call: Call, milliseconds: number): Promise<void> {
    if (this.#closed !== undefined) return
    const rested = this.#waiting.add(call)
    const cancel = this.#clock.after(milliseconds, () => {
      if (call.turn !== undefined) this.#waiting.release(call)
    })
    await rested.finally(cancel)
  }

  #outOfTime(call: Call): Error {
    const pausedForMs = this.#pausedUntil - this.#clock.now()
    const error = call.lastError ?? (pausedForMs > 0 ? this.#pausedBy : undefined)
    if (error instanceof RetortError && pausedForMs > 0)
      return new RetortError(error.code, error.message, {
        data: error.data,
        cause: error,
        retryAfterMs: pausedForMs,
      })
    return error ?? noRoom(this.group)
  }
}
