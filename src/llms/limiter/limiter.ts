import { RetortError } from '../../core/errors.ts'
import type { Share } from '../../core/lease.ts'
import type { LLMLimits } from '../../core/llm-spec.ts'

import { Bucket } from './bucket.ts'
import { type Clock, systemClock } from './clock.ts'
import { Gate } from './gate.ts'
import { GroupLimits, type Membership } from './group-limits.ts'
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
  /** Whether limits are shared with other processes, so that no call starts before the first share. */
  readonly isShared?: boolean
}

/** What bounds one call's waiting and repeating. */
export interface CallOptions<T = unknown> {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds since the epoch at which the caller hands its batch back. */
  readonly deadline?: number
  /** Holds up the calls of one run; the limiter's own gate holds up all. */
  readonly gate?: Gate
  /** Tokens that an attempt may use, set aside before it starts. */
  readonly estimatedTokens?: number | undefined
  /** Tokens that an attempt has used. */
  readonly usedTokens?: ((result: T) => number) | undefined
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
  readonly #resting = new Heap<Call>((one, other) => one.restsUntil < other.restsUntil)
  readonly #limits: GroupLimits
  readonly #requests = new Bucket()
  readonly #tokens = new Bucket()
  #maxConcurrency = untoldConcurrency
  #inFlight = 0
  #peakInFlight = 0
  #sequence = 0
  #attempts = 0
  #succeeded = 0
  #retries: Record<string, number> = {}
  #pausedUntil = Number.NEGATIVE_INFINITY
  #pausedBy: RetortError | undefined
  #wakeAt = Number.POSITIVE_INFINITY
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
        this.#resting.keep((call) => call.turn !== undefined)
        this.#serve()
      },
    )
    this.#limits = new GroupLimits(options.isShared ?? false, () => this.#limit())
  }

  /** Takes a run's limits into account until it leaves; the smallest of all hold. */
  join(limits?: LLMLimits): Membership {
    return this.#limits.join(limits)
  }

  /** Bounds what the members were told by what this process may use of it; `undefined` where it may use nothing yet. */
  setShare(share: Share | undefined): void {
    this.#limits.setShare(share)
  }

  /** The smallest settings that the members were told. */
  told(): Share {
    return this.#limits.told
  }

  demand(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#inFlight, waiting: this.#waiting.size }
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
    options: CallOptions<T> = {},
  ): Promise<T> {
    const { signal } = options
    const call: Call = {
      priority,
      sequence: this.#sequence++,
      deadline: options.deadline ?? Number.POSITIVE_INFINITY,
      signal,
      gate: options.gate,
      estimatedTokens: options.estimatedTokens ?? 0,
      failures: 0,
      restsUntil: 0,
      lastError: undefined,
      turn: undefined,
    }
    for (;;) {
      const turn = this.#enter(call)
      if (turn !== undefined) await turn
      const { era } = this.#policy
      try {
        const result = await attempt(signal)
        this.#succeeded += 1
        const used = options.usedTokens?.(result)
        if (used !== undefined) this.#tokens.giveBack(call.estimatedTokens - used)
        this.#policy.succeeded(era)
        return result
      } catch (error) {
        this.#react(call, error, era)
      } finally {
        this.#inFlight -= 1
        this.#serve()
      }
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
    const { maxConcurrency, requestsPerMinute, tokensPerMinute } = this.#limits.bounds
    const now = this.#clock.now()
    this.#maxConcurrency = maxConcurrency ?? untoldConcurrency
    this.#requests.setRate(requestsPerMinute ?? undefined, now)
    this.#tokens.setRate(tokensPerMinute ?? undefined, now)
    this.#serve()
  }

  /** Starts the call, or says when it may start. */
  #enter(call: Call): Promise<void> | undefined {
    const now = this.#clock.now()
    if (call.signal?.aborted) throw call.signal.reason
    if (this.#closed !== undefined) throw call.lastError ?? this.#closed
    if (call.deadline < Math.max(this.#pausedUntil, now)) throw this.#outOfTime(call)
    const isResting = call.restsUntil > now
    const isNext = !isResting && this.#ready.size === 0 && call.gate?.isOpen !== false
    if (isNext && this.#waitMs(call, now) === 0) {
      this.#start(call)
      return undefined
    }
    const turn = this.#waiting.add(call)
    if (isResting) {
      this.#resting.push(call)
      if (call.restsUntil < this.#wakeAt) this.#planWake(call.restsUntil)
    } else this.#queue(call)
    return turn
  }

  #queue(call: Call): void {
    if (call.turn === undefined) return
    this.#ready.push(call)
    this.#serve()
  }

  /** Milliseconds until the first call in line may start; infinite where something else has to happen before. */
  #waitMs(call: Call, now: number): number {
    if (this.#inFlight >= this.#maxConcurrency || !this.#gate.isOpen || !this.#limits.isKnown)
      return Number.POSITIVE_INFINITY
    return Math.max(
      0,
      this.#pausedUntil - now,
      this.#requests.waitMs(1, now),
      this.#tokens.waitMs(call.estimatedTokens, now),
    )
  }

  #start(call: Call): void {
    this.#requests.take(1)
    this.#tokens.take(call.estimatedTokens)
    this.#inFlight += 1
    this.#attempts += 1
    if (this.#inFlight > this.#peakInFlight) this.#peakInFlight = this.#inFlight
  }

  /** Starts what may start, in order, and plans when to look again. */
  #serve(): void {
    const now = this.#clock.now()
    for (let rested = this.#resting.first; rested !== undefined; rested = this.#resting.first) {
      if (rested.restsUntil > now) break
      this.#resting.pop()
      this.#ready.push(rested)
    }
    let wakeAt = this.#resting.first?.restsUntil ?? Number.POSITIVE_INFINITY
    for (let call = this.#ready.first; call !== undefined; call = this.#ready.first) {
      const waitMs = this.#waitMs(call, now)
      if (waitMs > 0) {
        wakeAt = Math.min(wakeAt, now + waitMs)
        break
      }
      this.#ready.pop()
      if (call.gate?.isOpen === false) {
        const { gate } = call
        gate.onceOpen(() => this.#queue(call))
        continue
      }
      this.#start(call)
      this.#waiting.release(call)
    }
    if (!this.#gate.isOpen && this.#ready.size > 0) this.#watchGate()
    this.#planWake(wakeAt)
  }

  /** The one timer that wakes calls; an idle limiter has none that keeps a process alive. */
  #planWake(wakeAt: number): void {
    if (wakeAt === this.#wakeAt) return
    this.#cancelWake()
    this.#wakeAt = wakeAt
    if (wakeAt === Number.POSITIVE_INFINITY) return
    this.#cancelWake = this.#clock.after(wakeAt - this.#clock.now(), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY
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

  /** Throws, or says how the call goes on. */
  #react(call: Call, error: unknown, era: number): void {
    if (call.signal?.aborted) throw call.signal.reason
    const now = this.#clock.now()
    call.failures += 1
    const reaction = this.#policy.failed(error, call.failures, era, now)
    if (reaction.kind === 'throw') throw reaction.error
    // The policy repeats nothing but errors of its own kind.
    const lastError = error as RetortError
    call.lastError = lastError
    // What timed out may have used its tokens.
    if (lastError.code !== 'timeout') this.#tokens.giveBack(call.estimatedTokens)
    this.#retries[lastError.code] = (this.#retries[lastError.code] ?? 0) + 1
    if (reaction.kind === 'pause') this.#pauseFor(reaction.milliseconds, lastError)
    if (now + reaction.milliseconds > call.deadline) throw this.#outOfTime(call)
    call.restsUntil = reaction.kind === 'rest' ? now + reaction.milliseconds : 0
  }

  #pauseFor(milliseconds: number, error: RetortError): void {
    const until = this.#clock.now() + milliseconds
    if (until <= this.#pausedUntil) return
    this.#pausedUntil = until
    this.#pausedBy = error
    this.#waiting.rejectWhere((call) => (call.deadline < until ? this.#outOfTime(call) : undefined))
    this.#serve()
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
