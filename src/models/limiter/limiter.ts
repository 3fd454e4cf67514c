import { type Clock, systemClock } from '../../core/clock.ts'
import { type RetortError, isRetortError } from '../../core/errors.ts'
import { Heap } from '../../core/heap.ts'
import type { Share, Standing } from '../../core/lease.ts'
import type { LLMLimits, RateLimitReport } from '../../core/llm-spec.ts'

import type { CallOptions } from './call-options.ts'
import { Gate } from './gate.ts'
import { GroupLimits, type Membership } from './group-limits.ts'
import { laterOf, noRoom, workerStopping } from './limiter-errors.ts'
import type { LimiterStats } from './limiter-stats.ts'
import { ProviderState } from './provider-state.ts'
import { type Call, WaitingCalls, isBefore, toCall } from './waiting-calls.ts'

/** How long a call with a deadline waits for a provider that blocks its group. */
const longestHoldMs = 10_000
/** How long the first probe may take before such calls are handed back. */
const probeGraceMs = 1_000

/** What a limiter takes from its surroundings. */
export interface LimiterOptions {
  readonly clock?: Clock
  /** Numbers in [0, 1), for jitter. */
  readonly random?: () => number
  /** Whether limits are shared with other processes, so that no call starts before the first share. */
  readonly isShared?: boolean
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
  readonly #limits: GroupLimits
  readonly #provider: ProviderState
  readonly #gate = new Gate()
  readonly #waiting: WaitingCalls
  readonly #ready = new Heap<Call>(isBefore)
  readonly #resting = new Heap<Call>((one, other) => one.restsUntil < other.restsUntil)
  #sequence = 0
  #wakeAt = Number.POSITIVE_INFINITY
  #cancelWake: () => void = () => {}
  #isWatchingGate = false
  #closed: Error | undefined

  constructor(group: string, options: LimiterOptions = {}) {
    this.group = group
    this.#clock = options.clock ?? systemClock
    this.#provider = new ProviderState(group, options.random ?? Math.random)
    this.#waiting = new WaitingCalls(
      this.#clock,
      (call, now) => this.#expired(call, now),
      () => {
        this.#ready.keep((call) => call.turn !== undefined)
        this.#resting.keep((call) => call.turn !== undefined)
        this.#serve()
      },
    )
    this.#limits = new GroupLimits(options.isShared ?? false, () => {
      this.#provider.setTold(this.#limits.bounds, this.#clock.now())
      this.#serve()
    })
  }

  /** Takes a run's limits into account until it leaves; the smallest of all hold. */
  join(limits?: LLMLimits): Membership {
    return this.#limits.join(limits)
  }

  /**
   * Bounds what the members were told by what this process may use of it; `undefined` where it may use nothing yet.
   *
   * @param standing - how much of the group that is, so that what was learned of the provider goes with it
   */
  setShare(share: Share | undefined, standing?: Standing): void {
    if (standing !== undefined) this.#provider.setStanding(standing, this.#clock.now())
    this.#limits.setShare(share)
  }

  /** Requests a minute that refusals taught, for all the processes that share the group. */
  learned(): number | null {
    return this.#provider.learned
  }

  /** The smallest settings that the members were told. */
  told(): Share {
    return this.#limits.told
  }

  demand(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#provider.inFlight, waiting: this.#waiting.size }
  }

  /** Takes into account what a reply said about the provider's limits. */
  observe(report: RateLimitReport): void {
    const now = this.#clock.now()
    if (this.#provider.observe(report, now)) this.#handBack(now)
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
    const call = toCall(priority, this.#sequence++, options)
    for (;;) {
      const turn = this.#enter(call)
      if (turn !== undefined) await turn
      try {
        const result = await attempt(signal)
        this.#provider.succeeded(call, options.usedTokens?.(result))
        return result
      } catch (error) {
        this.#react(call, error)
      } finally {
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
      waiting: this.#waiting.size,
      ...this.#provider.stats(this.#clock.now()),
      blockedReason: this.#blockedReason(),
    }
  }

  #blockedReason(): string | null {
    if (!this.#gate.isOpen)
      return `Limit group '${this.group}' starts no calls: ${this.#gate.reasons.join(', ')}.`
    if (!this.#limits.isKnown || this.#limits.share?.maxConcurrency === 0)
      return `Limit group '${this.group}' waits for its share of limits that others use as well.`
    return this.#provider.blockedReason(this.#clock.now())
  }

  /** Starts the call, or says when it may start. */
  #enter(call: Call): Promise<void> | undefined {
    const now = this.#clock.now()
    if (call.signal?.aborted) throw call.signal.reason
    if (this.#closed !== undefined) throw call.lastError ?? this.#closed
    if (call.deadline < now || this.#isBlockedFor(call, now)) throw this.#outOfTime(call, now)
    const isResting = call.restsUntil > now
    const isNext = !isResting && this.#ready.size === 0 && call.gate?.isOpen !== false
    if (isNext && this.#waitMs(call, now) === 0) {
      this.#provider.started(call, now)
      return undefined
    }
    const isHeld = this.#provider.isAway && call.deadline < Number.POSITIVE_INFINITY
    call.heldUntil = isHeld ? now + longestHoldMs + probeGraceMs : Number.POSITIVE_INFINITY
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
    if (!this.#gate.isOpen || !this.#limits.isKnown) return Number.POSITIVE_INFINITY
    return this.#provider.waitMs(call.estimatedTokens, now, this.#waiting.size)
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
      this.#provider.started(call, now)
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
  #react(call: Call, error: unknown): void {
    if (call.signal?.aborted) {
      this.#provider.ended(call)
      throw call.signal.reason
    }
    const now = this.#clock.now()
    const wasAway = this.#provider.isAway
    const reaction = this.#provider.failed(call, error, now)
    if (this.#provider.isAway && !wasAway)
      this.#waiting.holdUntil(now + longestHoldMs + probeGraceMs)
    if (reaction.kind === 'throw') {
      // All others would wait for the same address.
      if (reaction.error !== error && isRetortError(reaction.error))
        this.#waiting.rejectWhere(() => reaction.error)
      throw reaction.error
    }
    // Nothing but errors of this kind is repeated.
    call.lastError = error as RetortError
    if (reaction.kind === 'pause') this.#handBack(now)
    if (now + reaction.milliseconds > call.deadline) throw this.#outOfTime(call, now)
    call.restsUntil = reaction.kind === 'rest' ? now + reaction.milliseconds : 0
  }

  /** Whether the provider is known to block the group for longer than the call waits. */
  #isBlockedFor({ deadline }: Call, now: number): boolean {
    const pausedMs = this.#provider.pausedMs(now)
    if (pausedMs === 0 || deadline === Number.POSITIVE_INFINITY) return false
    return pausedMs > longestHoldMs || now + pausedMs > deadline
  }

  #handBack(now: number): void {
    this.#waiting.rejectWhere((call) =>
      this.#isBlockedFor(call, now) ? this.#outOfTime(call, now) : undefined,
    )
  }

  /** What to hand a call back with whose time is up; nothing where it goes on waiting. */
  #expired(call: Call, now: number): RetortError | undefined {
    if (call.deadline <= now || this.#provider.isAway) return this.#outOfTime(call, now)
    call.heldUntil = Number.POSITIVE_INFINITY
    return undefined
  }

  #outOfTime(call: Call, now: number): RetortError {
    const blockedMs = this.#provider.blockedMs(now)
    const error = call.lastError ?? this.#provider.blockedBy(now)
    if (error !== undefined && blockedMs > 0) return laterOf(error, blockedMs)
    return error ?? noRoom(this.group)
  }
}
